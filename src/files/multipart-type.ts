/** Reads from the head of a request whether a form with files follows, and how it begins. Source: RFC 7578 §4.1, RFC 2046 §5.1.1. */
import type { IncomingHttpHeaders } from 'node:http'

export interface Multipart {
  /** In the one spelling that the parser is given: two readings of one field would be two boundaries. */
  readonly contentType: string
  /** The first bytes of the body. */
  readonly opening: string
  /** Declared; 0 when it is not. */
  readonly length: number
}

const BOUNDARY =
  /^multipart\/form-data *; *boundary=(?:"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])"|([\w'+.-]{1,70}))(?: *; *charset=utf-8)?$/i

/** `undefined` for every other type, for a boundary that is not one, and for a body that is packed. */
export function readMultipart(headers: IncomingHttpHeaders): Multipart | undefined {
  const match = BOUNDARY.exec(headers['content-type'] ?? '')
  const coding = headers['content-encoding']
  if (match === null || (coding !== undefined && coding !== 'identity')) return undefined
  const boundary = match[1] ?? match[2]!
  const length = Number(headers['content-length'] ?? 0)
  return { contentType: `multipart/form-data; boundary="${boundary}"`, opening: `--${boundary}`, length }
}
