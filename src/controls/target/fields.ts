/**
 * One pass over the received fields for what two parsers would read differently: a field that may stand once standing twice,
 * a body where none belongs, and more fields than anyone needs.
 * Sources: RFC 9110 §5.3 (only list fields repeat), §9.3.1 (content in GET), RFC 9112 §6.1 and §11.2 (smuggling); CWE-444.
 */

export type FieldsReason =
  | 'duplicate-header'
  | 'too-many-headers'
  | 'body-in-get'
  | 'chunked-in-1.0'
  | 'transfer-coding'
  | 'bad-version'

/** Fields are names and values in turn, so a request has half as many fields as entries. */
export const MAX_FIELDS = 100

const HOST = 1
const CONTENT_TYPE = 2
const AUTHORIZATION = 4
const ORIGIN = 8
const FETCH_SITE = 16
const CONTENT_LENGTH = 32
const TRANSFER_ENCODING = 64
const AUTHORITY = 128

/** What is wrong with the fields as a whole, or nothing. `rawHeaders` is name, value, name, value, … as received. */
export function checkFields(method: string, httpVersion: string, rawHeaders: readonly string[]): FieldsReason | undefined {
  if (rawHeaders.length > 2 * MAX_FIELDS) return 'too-many-headers'
  if (httpVersion !== '1.1' && !isVersion(httpVersion, rawHeaders)) return 'bad-version'
  let seen = 0
  let length: string | undefined
  let coding: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const bit = bitOf(rawHeaders[index]!)
    if (bit === 0) continue
    if ((seen & bit) !== 0) return 'duplicate-header'
    seen |= bit
    if (bit === CONTENT_LENGTH) length = rawHeaders[index + 1]!
    else if (bit === TRANSFER_ENCODING) coding = rawHeaders[index + 1]!
  }
  if ((seen & (HOST | AUTHORITY)) === (HOST | AUTHORITY) && !isSameHost(rawHeaders)) return 'duplicate-header'
  if (coding !== undefined && httpVersion === '1.0') return 'chunked-in-1.0'
  // Node calls the handler before its parser gives up on a coding that it does not know.
  if (coding !== undefined && !is(coding, 'chunked')) return 'transfer-coding'
  // The bytes of a body that one side ignores are the next request to the other side.
  if ((coding !== undefined || (length !== undefined && length !== '0')) && (method === 'GET' || method === 'HEAD'))
    return 'body-in-get'
  return undefined
}

/** 1.0, and 2.0 where it is real: node hands over "HTTP/2.0" of an HTTP/1 request line as well, but no HTTP/1 field begins with ":". */
function isVersion(httpVersion: string, rawHeaders: readonly string[]): boolean {
  return httpVersion === '1.0' || (httpVersion === '2.0' && rawHeaders[0]?.charCodeAt(0) === 0x3a)
}

/** The bit of a field that may stand once, or 0. The length alone settles it for most names. */
function bitOf(name: string): number {
  switch (name.length) {
    case 4:
      return is(name, 'host') ? HOST : 0
    case 6:
      return is(name, 'origin') ? ORIGIN : 0
    case 10:
      return name === ':authority' ? AUTHORITY : 0
    case 12:
      return is(name, 'content-type') ? CONTENT_TYPE : 0
    case 13:
      return is(name, 'authorization') ? AUTHORIZATION : 0
    case 14:
      return is(name, 'content-length') ? CONTENT_LENGTH : is(name, 'sec-fetch-site') ? FETCH_SITE : 0
    case 17:
      return is(name, 'transfer-encoding') ? TRANSFER_ENCODING : 0
    default:
      return 0
  }
}

function is(name: string, lower: string): boolean {
  return name === lower || name.toLowerCase() === lower
}

/** HTTP/2 may carry both names of the host, if they agree (RFC 9113 §8.3.1). */
function isSameHost(rawHeaders: readonly string[]): boolean {
  let first: string | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const bit = bitOf(rawHeaders[index]!)
    if (bit !== HOST && bit !== AUTHORITY) continue
    if (first !== undefined) return first === rawHeaders[index + 1]
    first = rawHeaders[index + 1]
  }
  return false
}
