/**
 * The Accept field: which of the things we can offer the client would rather have.
 * Stops the quadratic work that long Accept fields cause in some parsers: the field is bounded and read once per offer.
 * Source: RFC 9110 §12.4.2 (weights) and §12.5.1.
 */
import { isDigitCode } from './ascii.ts'

const MAX_LENGTH = 4096
const MAX_RANGES = 64

/**
 * The offer with the highest weight, the earlier one among equals; `undefined` when none is acceptable. Offers are lower-case
 * types such as "text/html". A missing field, and one above 4 KiB or 64 ranges, states no preference: the first offer.
 */
export function prefers(accept: string | undefined, offers: readonly string[]): string | undefined {
  const ranges = parseRanges(accept)
  if (ranges === undefined) return offers[0]
  let best: string | undefined
  let bestWeight = 0
  for (const offer of offers) {
    const weight = weightOf(ranges, offer)
    if (weight <= bestWeight) continue
    best = offer
    bestWeight = weight
  }
  return best
}

/**
 * Whether the client names HTML itself, as user agents do when they navigate. "*", a missing field and one that is too long do
 * not count: scripts and API clients get the machine-readable answer.
 */
export function wantsHtml(accept: string | undefined): boolean {
  const ranges = parseRanges(accept)
  if (ranges === undefined) return false
  return ranges.some(({ range, weight }) => weight > 0 && (range === 'text/html' || range === 'application/xhtml+xml'))
}

interface Range {
  readonly range: string
  /** 0 to 1. */
  readonly weight: number
}

/**
 * The ranges of the field; malformed ones are left out. `undefined` when none is left, and when the field is missing or above
 * the bounds.
 */
function parseRanges(accept: string | undefined): readonly Range[] | undefined {
  if (accept === undefined || accept.length > MAX_LENGTH) return undefined
  const ranges: Range[] = []
  let count = 0
  for (let start = 0; start < accept.length;) {
    let end = accept.indexOf(',', start)
    if (end === -1) end = accept.length
    if (++count > MAX_RANGES) return undefined
    const range = parseRange(accept.slice(start, end))
    if (range !== undefined) ranges.push(range)
    start = end + 1
  }
  return ranges.length === 0 ? undefined : ranges
}

function parseRange(text: string): Range | undefined {
  let semicolon = text.indexOf(';')
  const range = strip(semicolon === -1 ? text : text.slice(0, semicolon)).toLowerCase()
  const slash = range.indexOf('/')
  if (slash < 1 || slash === range.length - 1) return undefined
  let weight = 1
  while (semicolon !== -1) {
    const next = text.indexOf(';', semicolon + 1)
    const part = strip(text.slice(semicolon + 1, next === -1 ? text.length : next))
    if (part.charCodeAt(1) === 0x3d && (part.charCodeAt(0) | 0x20) === 0x71) weight = parseWeight(part)
    semicolon = next
  }
  return weight < 0 ? undefined : { range, weight }
}

/** The weight behind "q=": 0 or 1 with at most three decimals, else -1. */
function parseWeight(part: string): number {
  if (part.length < 3 || part.length > 7) return -1
  for (let index = 3; index < part.length; index++) {
    if (index === 3 ? part.charCodeAt(3) !== 0x2e : !isDigitCode(part.charCodeAt(index))) return -1
  }
  if (!isDigitCode(part.charCodeAt(2))) return -1
  const weight = Number(part.slice(2))
  return weight <= 1 ? weight : -1
}

/** The weight of the most specific range that matches: the type itself, then "type/*", then "*\/*". */
function weightOf(ranges: readonly Range[], offer: string): number {
  let weight = 0
  let specificity = 0
  for (const entry of ranges) {
    const match = specificityOf(entry.range, offer)
    if (match < specificity || match === 0) continue
    if (match > specificity || entry.weight > weight) weight = entry.weight
    specificity = match
  }
  return weight
}

function specificityOf(range: string, offer: string): number {
  if (range === offer) return 3
  if (range === '*/*') return 1
  return range.endsWith('/*') && offer.startsWith(range.slice(0, -1)) ? 2 : 0
}

/** The text without spaces and tabs at its ends; `trim` would also take characters that are no whitespace in HTTP. */
function strip(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return end - start === text.length ? text : text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
