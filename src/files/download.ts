/**
 * Hands out what somebody uploaded: to be saved, never to be shown as a page of ours.
 * Stops stored scripts in HTML, SVG and polyglots that would run with the rights of our origin, and copies in caches (attack A101).
 * Sources: RFC 6266, W3C CSP Level 3 §6.3.2 (sandbox), WHATWG Fetch §3.6 (nosniff); OWASP File Upload Cheat Sheet.
 */
import type { Readable } from 'node:stream'
import { invalid } from '../engine/options.ts'
import { attachment } from '../http/content-disposition.ts'
import { isPlainName, openInside, realFolder } from './folder.ts'
import { send, requestOf, type Place, type Sent } from './place.ts'
import { represent } from './representation.ts'

/** A file by its own name in a folder, as `upload` gave it, or what the application makes while it is sent. */
export type DownloadSource = { readonly dir: string; readonly file: string } | Readable

export interface DownloadOptions {
  /** The name to save under. Cleaned; may be what the client said once. */
  readonly name: string
  /** Its media type. @default 'application/octet-stream' */
  readonly type?: string
}

const POLICY = `sandbox; default-src 'none'; frame-ancestors 'none'`
const TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}(?:; ?charset=[a-z0-9-]{1,20})?$/

/**
 * Answers with the file, ranges included; `undefined` when there is none: answer 404 then. A stream is sent whole.
 *
 * @example
 * return (await download(reply, { dir: 'data/avatars', file: row.file }, { name: row.name })) ?? reply.callNotFound()
 */
export async function download<To extends Place>(
  to: To,
  source: DownloadSource,
  { name, type = 'application/octet-stream' }: DownloadOptions,
): Promise<Sent<To> | undefined> {
  if (!TYPE.test(type)) invalid('download.type', type, `Write a media type in lower case: 'application/pdf'.`)
  const head = {
    'content-type': type,
    'content-disposition': attachment(name),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
  if (!('dir' in source)) return send(to, { status: 200, head, body: source, policy: POLICY })
  if (!isPlainName(source.file)) return undefined
  const found = await openInside(realFolder('download.dir', source.dir), [source.file])
  if (found === undefined) return undefined
  const { handle, stats } = found
  // Stored files keep their name for one content: what the name and the size say is enough to go on with a broken download.
  const etag = `"${Buffer.from(source.file).toString('base64url')}-${stats.size}-${Math.trunc(stats.mtimeMs)}"`
  return send(to, { ...(await represent(requestOf(to), { handle, size: stats.size, etag }, head)), policy: POLICY })
}
