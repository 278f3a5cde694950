/**
 * When a certificate is renewed: at a random moment of the window that its authority suggests (ARI, RFC 9773), or else after a part of
 * its life; and how long is waited after a failure. Pure: the clock and the dice come in as values.
 */
import { X509Certificate } from 'node:crypto'
import { authorityKeyId } from '../der.ts'

/** What is remembered between two looks, and by all hosts. Times in milliseconds since 1970. */
export interface RenewalState {
  /** Of which certificate this is: its fingerprint. */
  readonly of: string
  /** When it is renewed. */
  readonly at: number
  /** The window that was suggested, when one was. */
  readonly window?: { readonly start: number; readonly end: number }
  /** Where the authority explains that window. */
  readonly explanation?: string
  /** When the authority is asked again about the window. */
  readonly askAt: number
  /** Failures since the last success. */
  readonly failures: number
  /** Before this nothing is tried again. */
  readonly notBefore: number
}

export interface Life {
  readonly fingerprint256: string
  readonly begins: number
  readonly expires: number
}

export interface Suggestion {
  readonly start: number
  readonly end: number
  /** Milliseconds after which to ask again, as the authority wishes. */
  readonly retryAfter: number | undefined
  /** A page about it, for operators. */
  readonly explanation?: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** RFC 9773 section 4.3: a client bounds Retry-After; six hours is what it recommends to servers. */
const ASK = { least: MINUTE, usual: 6 * HOUR, most: DAY }
const FIRST_WAIT = 5 * MINUTE
const LONGEST_WAIT = DAY

/**
 * Without a window: after two thirds of its life, of one that lives less than ten days after half, as Let's Encrypt advises; and up to
 * a twentieth earlier, so that not all who began together come together.
 */
export function planned(life: Life, random: number): RenewalState {
  const length = life.expires - life.begins
  const at = life.begins + length * (length < 10 * DAY ? 1 / 2 : 2 / 3) - (random * length) / 20
  return { of: life.fingerprint256, at: Math.round(at), askAt: 0, failures: 0, notBefore: 0 }
}

/** What the authority suggests, when it can be meant; a new moment is chosen only for another window. */
export function suggested(
  state: RenewalState,
  life: Life,
  suggestion: Suggestion | undefined,
  now: number,
  random: number,
): RenewalState {
  const wish = suggestion?.retryAfter ?? ASK.usual
  const askAt = now + Math.min(Math.max(wish, ASK.least), ASK.most)
  if (suggestion === undefined || !isWindow(suggestion)) return { ...state, askAt }
  const { start, end, explanation } = suggestion
  const { explanation: _, ...rest } = state
  const explained = { ...rest, ...(explanation !== undefined && { explanation }), askAt }
  if (state.window?.start === start && state.window.end === end) return explained
  // A window past the end of the certificate would let it expire.
  const latest = life.expires - (life.expires - life.begins) / 10
  const at = Math.min(Math.round(start + random * (end - start)), latest)
  return { ...explained, at, window: { start, end } }
}

/** After a failure: five minutes, then twice as long each time up to a day, a fifth more or less. Never past what the authority said. */
export function failed(state: RenewalState, now: number, random: number, retryAfter = 0): RenewalState {
  const wait = Math.min(FIRST_WAIT * 2 ** state.failures, LONGEST_WAIT) * (0.8 + 0.4 * random)
  return { ...state, failures: state.failures + 1, notBefore: Math.round(now + Math.max(wait, Math.min(retryAfter, 2 * DAY))) }
}

/** Whether so little is left that somebody must look. */
export function endsSoon({ begins, expires }: Life, now: number): boolean {
  return expires - now < (expires - begins) / 6
}

/** RFC 9773 section 4.1: the authority's key identifier and the serial number, each in base64url. */
export function certificateId(pem: string): string | undefined {
  const certificate = new X509Certificate(pem)
  const issuer = authorityKeyId(certificate.raw)
  if (issuer === undefined) return undefined
  const hex = certificate.serialNumber.length % 2 === 0 ? certificate.serialNumber : `0${certificate.serialNumber}`
  const serial = Buffer.from(hex, 'hex')
  // As DER writes it: a first bit that is set would make it negative.
  const bytes = (serial[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), serial]) : serial
  return `${issuer.toString('base64url')}.${bytes.toString('base64url')}`
}

/** Reads an answer of `renewalInfo`; `undefined` for what cannot be read. */
export function readSuggestion(body: unknown, retryAfter: string | null, now: number): Suggestion | undefined {
  const { suggestedWindow: window, explanationURL: page } = (body ?? {}) as {
    suggestedWindow?: { start?: unknown; end?: unknown } | null
    explanationURL?: unknown
  }
  if (typeof window?.start !== 'string' || typeof window.end !== 'string') return undefined
  const explanation = typeof page === 'string' ? readPage(page) : undefined
  return {
    ...{ start: Date.parse(window.start), end: Date.parse(window.end), retryAfter: readRetryAfter(retryAfter, now) },
    ...(explanation !== undefined && { explanation }),
  }
}

/** An address that may be shown: of a page by http or https, as a parser writes it, so that nothing else can be in it. */
function readPage(text: string): string | undefined {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.href.length <= 500 ? url.href : undefined
}

/** Seconds or a date (RFC 9110 section 10.2.3), as milliseconds from now. */
export function readRetryAfter(text: string | null | undefined, now: number): number | undefined {
  if (!text) return undefined
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined
}

function isWindow({ start, end }: Suggestion): boolean {
  return Number.isFinite(start) && Number.isFinite(end) && end > start
}
