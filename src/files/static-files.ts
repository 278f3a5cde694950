/**
 * Serves the files of a folder: style, script, pictures. Nothing outside of it, nothing hidden in it, no lists of what is there.
 * Stops traversal in every spelling, links that lead out, dotfiles and `.env`, and look-alike folders (attacks A66, A67, A205).
 * Sources: RFC 9110 §8.8.3, §12.5.3 and §14, RFC 8246 (immutable); OWASP Path Traversal, CWE-22, CWE-548.
 */
import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { invalid, withDefaults, wholeNumber } from '../engine/options.ts'
import { openInside, readSegments, realFolder } from './folder.ts'
import { isCompressible, mediaTypeOf } from './media-types.ts'
import { requestOf, send, type Place, type Sent } from './place.ts'
import { represent } from './representation.ts'

export interface StaticFilesOptions {
  /** What stands before the file in the path. Begins and ends with a slash. @default '/' */
  readonly prefix?: string
  /** Seconds for which caches keep a file without asking. @default 3600 */
  readonly maxAge?: number
  /** Looks for `app.css.br` and `app.css.gz` beside `app.css`. @default true */
  readonly precompressed?: boolean
  /** Names that change with their content, kept for a year. @default a part of 8 letters and digits or more before the ending, with a digit in it */
  readonly immutable?: RegExp
}

/** Answers with the file that the path names, or with `name`; `undefined` when there is none: go on, or answer 404. */
export type StaticFiles = <To extends Place>(to: To, name?: string) => Promise<Sent<To> | undefined>

const DEFAULTS: Required<StaticFilesOptions> = {
  prefix: '/',
  maxAge: 3600,
  precompressed: true,
  immutable: /[.-](?=[\w-]*\d)[\w-]{8,64}\.[a-z0-9]{1,12}$/i,
}
const YEAR = 31_536_000
const REMEMBERED = 1000
const CODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** Made once, at start-up. Throws HF_OPTION_INVALID when `root` is no folder. */
export function staticFiles(root: string, input?: StaticFilesOptions): StaticFiles {
  const { prefix, maxAge, precompressed, immutable } = withDefaults('staticFiles', DEFAULTS, input)
  if (!/^\/(?:.*\/)?$/.test(prefix)) invalid('staticFiles.prefix', prefix, `Begin and end it with a slash: '/static/'.`)
  wholeNumber('staticFiles.maxAge', maxAge, 0, YEAR)
  const folder = realFolder('staticFiles.root', root)
  const etags = rememberEtags()

  return async function serve(to, name) {
    const request = requestOf(to)
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
    const segments = name === undefined ? segmentsOf(request, prefix) : readSegments(name)
    if (segments === undefined) return undefined
    const type = mediaTypeOf(segments.at(-1)!)
    const varies = precompressed && isCompressible(type)
    const chosen = await choose(request, segments, varies)
    if (chosen === undefined) return undefined
    const { handle, stats, coding } = chosen
    const head = {
      'content-type': type,
      'cache-control': immutable.test(segments.at(-1)!) ? `public, max-age=${YEAR}, immutable` : `public, max-age=${maxAge}`,
      'x-content-type-options': 'nosniff',
      ...(coding !== undefined && { 'content-encoding': coding }),
      ...(varies && { vary: 'accept-encoding' }),
    }
    const etag = await etags(handle, stats, coding)
    return send(to, await represent(request, { handle, size: stats.size, etag }, head))
  }

  /** The smallest copy that the client takes. A copy without its original is not served: it was forgotten. */
  async function choose(request: IncomingMessage, segments: readonly string[], varies: boolean) {
    const plain = await openInside(folder, segments)
    if (plain === undefined || !varies) return plain && { ...plain, coding: undefined }
    for (const [coding, ending] of CODINGS) {
      if (!accepts(request.headers['accept-encoding'], coding)) continue
      const copy = await openInside(folder, [...segments.slice(0, -1), segments.at(-1)! + ending])
      if (copy === undefined) continue
      await plain.handle.close()
      return { ...copy, coding }
    }
    return { ...plain, coding: undefined }
  }
}

/** Express takes what it mounted under from `url`; the path that came is in `originalUrl`. */
function segmentsOf(request: IncomingMessage & { readonly originalUrl?: string }, prefix: string): readonly string[] | undefined {
  const path = (request.originalUrl ?? request.url ?? '').split('?', 1)[0]!
  return path.startsWith(prefix) ? readSegments(path.slice(prefix.length)) : undefined
}

/** Named, and not with a weight of zero (RFC 9110 §12.5.3). */
function accepts(field: string | undefined, coding: string): boolean {
  if (field === undefined || field.length > 1024) return false
  return field
    .toLowerCase()
    .split(',')
    .some((one) => one.split(';', 1)[0]!.trim() === coding && !/;\s*q=0(?:\.0*)?\s*$/.test(one))
}

/**
 * Strong tags, by content. Worked out once for each state of a file: size, times and place in the file system tell two states apart.
 * Bounded: the files of a site are few, and the oldest are worked out again.
 */
function rememberEtags(): (handle: FileHandle, stats: Stats, coding: string | undefined) => Promise<string> {
  const known = new Map<string, string>()
  return async (handle, { dev, ino, size, mtimeMs, ctimeMs }, coding) => {
    const state = `${dev}.${ino}.${size}.${mtimeMs}.${ctimeMs}.${coding ?? ''}`
    const found = known.get(state)
    if (found !== undefined) return found
    const etag = `"${(await digest(handle, coding)).slice(0, 32)}"`
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value!)
    known.set(state, etag)
    return etag
  }
}

async function digest(handle: FileHandle, coding: string | undefined): Promise<string> {
  const hash = createHash('sha256').update(coding ?? '')
  const chunk = Buffer.allocUnsafe(65_536)
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) return hash.digest('base64url')
    hash.update(chunk.subarray(0, bytesRead))
    position += bytesRead
  }
}
