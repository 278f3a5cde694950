/**
 * Decides from the head alone what will become of a body: parsed as JSON, parsed as a form, left as a stream, or refused.
 * Exactly one function reads Content-Type, so the parser that is chosen is the parser that runs (attacks A06–A09, A68).
 * Sources: RFC 9110 §8.3, §8.4 and §15.5.16 (415), RFC 6839 §3.1 (+json); CWE-436.
 */
import { CODINGS, type Coding } from '../../http/decompress.ts'
import { parseMediaType } from '../../http/media-type.ts'

export type Media =
  | { readonly as: 'json' | 'form'; readonly type: string; readonly decode: Coding | undefined }
  | { readonly as: 'stream' }
  | { readonly as: 'refused'; readonly reason: string }

const STREAM: Media = { as: 'stream' }
const FORM = 'application/x-www-form-urlencoded'

const refused = (reason: string): Media => ({ as: 'refused', reason })

/**
 * Reads Content-Type and Content-Encoding. Refused: a missing or malformed type; text/plain, the one type without a parser of its own
 * that a form of another site can send (a handler that tried JSON on it would be open to A09); for JSON and forms a charset other
 * than UTF-8, and a coding that is unknown, or more than one.
 *
 * @param json the essences that are read as JSON, in lower case
 */
export function decideMedia(
  contentType: string | undefined,
  contentEncoding: string | undefined,
  json: ReadonlySet<string>,
): Media {
  const media = parseMediaType(contentType)
  if (!media.ok) return refused(`content-type-${media.reason}`)
  const as = json.has(media.type) ? 'json' : media.type === FORM ? 'form' : undefined
  if (as === undefined) return media.type === 'text/plain' ? refused('text-plain') : STREAM
  if (media.charset !== undefined && media.charset !== 'utf-8') return refused('charset')
  if (contentEncoding === undefined) return { as, type: media.type, decode: undefined }
  const coding = parseCoding(contentEncoding)
  return coding === undefined
    ? refused('content-encoding')
    : { as, type: media.type, decode: coding === 'identity' ? undefined : coding }
}

/** Codings are case-insensitive (RFC 9110 §8.4.1); `x-gzip` is `gzip` (§8.4.1.3). A list is not unpacked. */
function parseCoding(value: string): Coding | 'identity' | undefined {
  const name = value.toLowerCase()
  if (name === 'x-gzip') return 'gzip'
  if (name === 'identity') return 'identity'
  return CODINGS.find((coding) => coding === name)
}
