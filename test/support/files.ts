/** Files in and out for the test application: a folder to serve, one to keep, and what is done with them under every framework. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { download, staticFiles, upload, type Place, type StaticFiles, type Uploader } from '../../src/files/index.ts'

export interface Files {
  /** What is served under /assets/. */
  readonly root: string
  /** Where uploads are kept. */
  readonly uploads: string
  readonly assets: StaticFiles
  readonly uploader: Uploader<'avatar' | 'papers', 'title'>
}

export const BODY_LIMIT = 80 * 1_048_576

export function openFiles(folder: string): Files {
  const root = join(folder, 'site')
  const uploads = join(folder, 'uploads')
  mkdirSync(join(root, 'js'), { recursive: true })
  mkdirSync(`${root}-secret`, { recursive: true })
  writeFileSync(join(root, 'app.css'), 'body { color: black }\n')
  writeFileSync(join(root, 'app.css.br'), 'brotli')
  writeFileSync(join(root, 'app.css.gz'), 'gzip')
  writeFileSync(join(root, 'js/app-3f9ac1d27b.js'), 'hashed()')
  writeFileSync(join(root, '.env'), 'SECRET=1')
  for (const place of [join(folder, 'secret.txt'), join(`${root}-secret`, 'a.txt')]) writeFileSync(place, 'SECRET=1')
  symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'))
  symlinkSync(folder, join(root, 'up'))
  symlinkSync(join(root, 'app.css'), join(root, 'same.css'))
  const papers = { types: ['application/pdf', 'application/zip', 'application/gzip'], maxSize: '70 MiB', max: 2 } as const
  const uploader = upload({
    dir: uploads,
    webRoot: root,
    files: {
      avatar: { types: ['image/png', 'image/gif'], maxSize: '100 KiB' },
      papers: { ...papers, maxUnpacked: '1 MiB' },
    },
    fields: { title: { maxLength: 50 } },
  })
  return { root, uploads, uploader, assets: staticFiles(root, { prefix: '/assets/' }) }
}

/** What `POST /upload` answers. */
export async function takeUpload({ uploader }: Files, request: object): Promise<{ status: number; body: string }> {
  const sent = await uploader.receive(request)
  return { status: sent.ok ? 200 : sent.status, body: JSON.stringify(sent) }
}

/** `GET /download?file=…&name=…`. */
export function giveDownload<To extends Place>({ uploads }: Files, to: To, query: string) {
  const asked = new URLSearchParams(query)
  return download(to, { dir: uploads, file: asked.get('file') ?? '' }, { name: asked.get('name') ?? 'file' })
}

/** A body of multipart/form-data with its type: strings are fields, the rest files. */
export function formOf(parts: readonly FormPart[], boundary = 'sea-otters-hold-hands') {
  const chunks = parts.flatMap(({ name, file, type, bytes }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`,
    file === undefined ? '' : `; filename="${file}"\r\ncontent-type: ${type ?? 'application/octet-stream'}`,
    '\r\n\r\n',
    bytes,
    '\r\n',
  ])
  const body = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk as string)))
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': String(body.length) } }
}

export interface FormPart {
  readonly name: string
  readonly file?: string
  readonly type?: string
  readonly bytes: Buffer | string
}

export const PNG = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(200, 7)])
