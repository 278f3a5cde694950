/**
 * The origins that may read answers: exact ones, and whole subdomain trees on a label boundary. No regular expressions, no suffixes.
 * Stops look-alikes: `https://app-example.com`, `https://app.example.com.evil.net`, `https://app.example.com%60.evil.net`, trailing dots.
 */
import { invalid } from '../../engine/options.ts'
import { parseOrigin } from '../../http/origin.ts'

export interface Origins {
  /** Whether every origin may read, without credentials. */
  readonly any: boolean
  /** Whether this serialised origin may read. `null` never may: sandboxed frames and files of strangers have it. */
  has(origin: string): boolean
  /** How many entries there are. */
  readonly size: number
  /** The patterns, for findings. */
  readonly patterns: readonly string[]
}

interface Pattern {
  readonly scheme: string
  /** `.example.com`: a name must be longer than this and end with it. */
  readonly suffix: string
  readonly port: number | undefined
}

const WILD = '://*.'

/** Throws HF_OPTION_INVALID for what is not exactly an origin, for `null`, and for `*` beside others. */
export function readOrigins(option: string, entries: readonly string[]): Origins {
  if (!Array.isArray(entries)) invalid(option, entries, `Give a list such as ['https://shop.example'].`)
  const any = entries.includes('*')
  if (any && entries.length > 1) invalid(option, entries, `'*' allows everybody; leave the others out.`)
  const patterns = any ? [] : entries.filter((entry) => String(entry).includes(WILD))
  const exact = new Set(any ? [] : entries.filter((entry) => !patterns.includes(entry)).map((entry) => readExact(option, entry)))
  const wild = patterns.map((pattern) => readPattern(option, pattern))

  function has(origin: string): boolean {
    if (exact.has(origin)) return true
    if (wild.length === 0) return false
    const parsed = parseOrigin(origin)
    if (!parsed.ok) return false
    const { scheme, hostname, port } = parsed
    return wild.some((each) => each.scheme === scheme && each.port === port && isBelow(hostname, each.suffix))
  }

  return { any, has, size: entries.length, patterns }
}

function isBelow(hostname: string, suffix: string): boolean {
  return hostname.length > suffix.length && hostname.endsWith(suffix)
}

function readExact(option: string, entry: string): string {
  const parsed = parseOrigin(typeof entry === 'string' ? entry : '')
  if (parsed.ok && parsed.origin === entry) return entry
  const why = parsed.ok ? `write ${JSON.stringify(parsed.origin)}` : parsed.reason
  return invalid(option, entry, `Write an origin as browsers send it, without a path: 'https://shop.example'. (${why})`)
}

function readPattern(option: string, entry: string): Pattern {
  const parsed = parseOrigin(entry.replace(WILD, '://'))
  if (!parsed.ok || parsed.hostname.startsWith('[') || /^[0-9.]+$/.test(parsed.hostname))
    return invalid(option, entry, `Write 'https://*.example.com': the star stands for whole labels at the front.`)
  if (!parsed.hostname.includes('.'))
    invalid(option, entry, 'It would allow every name of a top-level domain. Name your own domain.')
  return { scheme: parsed.scheme, suffix: `.${parsed.hostname}`, port: parsed.port }
}
