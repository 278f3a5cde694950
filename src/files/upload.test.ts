/** What an upload does with its hooks, its folder, its time and its memory; and what it refuses to start with. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, describe, it } from 'node:test'
import { formOf, PNG, type FormPart } from '../../test/support/files.ts'
import type { FileRule, UploadOptions } from './upload-options.ts'
import { upload } from './upload.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-upload-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const AVATAR = { avatar: { types: ['image/png'], maxSize: '1 MiB' } } as const satisfies Record<string, FileRule>
const part: FormPart = { name: 'avatar', file: 'me.png', type: 'image/png', bytes: PNG }

const fresh = () => mkdtempSync(join(folder, 'dir-'))
const filesIn = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))

function requestOf(stream: Readable, headers: Record<string, string>): IncomingMessage {
  return Object.assign(stream, { headers, method: 'POST' }) as unknown as IncomingMessage
}

function formRequest(parts: readonly FormPart[]): IncomingMessage {
  const { body, headers } = formOf(parts)
  return requestOf(Readable.from([body]), headers)
}

describe('the hooks of an upload', () => {
  it('show a file to the scanner while nobody sees it, and keep nothing of what it does not like', async () => {
    const dir = fresh()
    const visible: string[][] = []
    for (const [verdict, taken] of [
      [true, true],
      [false, false],
      [{ ok: false } as unknown as boolean, false],
    ] as const) {
      const scan = async ({ path }: { readonly path: string }) => {
        visible.push(readdirSync(dir).filter((name) => name !== '.held'))
        return readFileSync(path).equals(PNG) ? verdict : false
      }
      const sent = await upload({ dir, webRoot: false, files: AVATAR, scan }).receive(formRequest([part]))
      assert.equal(sent.ok, taken)
      if (!sent.ok) assert.deepEqual([sent.reason, sent.status, sent.field], ['scan', 422, 'avatar'])
    }
    assert.deepEqual(visible[0], [])
    assert.equal(filesIn(dir).length, 1)
  })

  it('put a fresh copy in the place of a picture, if it is one', async () => {
    const dir = fresh()
    const clean = Buffer.concat([PNG.subarray(0, 100)])
    const good = upload({ dir, webRoot: false, files: AVATAR, reencode: (_file, target) => writeFile(target, clean) })
    const sent = await good.receive(formRequest([part]))
    assert.ok(sent.ok)
    const [stored] = sent.files.avatar
    assert.deepEqual(readFileSync(stored!.path), clean)
    assert.equal(stored!.size, 100)
    await sent.remove()
    assert.deepEqual(filesIn(dir), [])

    const bad = upload({ dir, webRoot: false, files: AVATAR, reencode: (_file, target) => writeFile(target, '<html>') })
    const refused = await bad.receive(formRequest([part]))
    assert.equal(!refused.ok && refused.reason, 'type')
    assert.deepEqual(filesIn(dir), [])
  })

  it('that throw are faults, and nothing is kept', async () => {
    const dir = fresh()
    const scan = () => Promise.reject(new Error('The scanner is down.'))
    const reencode = async (file: { readonly path: string }, target: string) => {
      await copyFile(file.path, target)
      throw new Error('The decoder broke.')
    }
    const base = { dir, webRoot: false, files: AVATAR } as const
    await assert.rejects(upload({ ...base, scan }).receive(formRequest([part])), { message: 'The scanner is down.' })
    await assert.rejects(upload({ ...base, reencode }).receive(formRequest([part])), { message: 'The decoder broke.' })
    const nothing = upload({ ...base, reencode: async () => {} })
    await assert.rejects(nothing.receive(formRequest([part])), { message: /reencode left no file/ })
    assert.deepEqual(filesIn(dir), [])
  })

  it('that do not come to an end are faults, are told to stop, and leave nothing behind when they end later', async () => {
    const dir = fresh()
    const told: unknown[] = []
    const base = { dir, webRoot: false, files: AVATAR, hookTimeout: 30 } as const
    const hang = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          told.push(signal.reason)
          reject(signal.reason as Error)
        })
      })
    const scan = upload({ ...base, scan: (_file, signal) => hang(signal) })
    await assert.rejects(scan.receive(formRequest([part])), { message: /upload\.scan did not come to an end in 30 ms/ })
    const { promise: written, resolve } = Promise.withResolvers<string>()
    const reencode = async (_file: object, target: string, signal: AbortSignal) => {
      await hang(signal).catch(() => undefined)
      await new Promise((done) => setTimeout(done, 30))
      await writeFile(target, PNG)
      resolve(target)
    }
    await assert.rejects(upload({ ...base, reencode }).receive(formRequest([part])), { message: /upload\.reencode/ })
    const target = await written
    while (existsSync(target)) await new Promise((done) => setImmediate(done))
    assert.equal(told.length, 2)
    assert.deepEqual(filesIn(dir), [])
  })

  it('write no copy that others may read, whatever their umask', async () => {
    const dir = fresh()
    const reencode = (_file: object, target: string) => writeFile(target, PNG, { mode: 0o666 })
    const sent = await upload({ dir, webRoot: false, files: AVATAR, reencode }).receive(formRequest([part]))
    assert.ok(sent.ok)
    assert.equal(statSync(sent.files.avatar[0]!.path).mode & 0o777, 0o600)
  })
})

describe('a folder that cannot be written', () => {
  it('is refused when files that nobody has looked at would be elsewhere', () => {
    const dir = fresh()
    symlinkSync(fresh(), join(dir, '.held'))
    assert.throws(() => upload({ dir, webRoot: false, files: AVATAR }), { code: 'HF_OPTION_INVALID', message: /\.held/ })
  })

  it('is a fault, not the mistake of the sender', async () => {
    const dir = fresh()
    const avatars = upload({ dir, webRoot: false, files: AVATAR })
    rmSync(join(dir, '.held'), { recursive: true })
    await assert.rejects(avatars.receive(formRequest([part, { ...part, name: 'other' }])), { code: 'ENOENT' })
    assert.deepEqual(filesIn(dir), [])
  })
})

describe('a disk that is full', { skip: process.platform === 'win32' && 'limits of file sizes are set by sh' }, () => {
  it('is a fault, though the system says it at first by a short write alone', () => {
    const dir = fresh()
    const script = `
      import { Readable } from 'node:stream'
      const { upload } = await import(${JSON.stringify(import.meta.resolve('./upload.ts'))})
      const { formOf, PNG } = await import(${JSON.stringify(import.meta.resolve('../../test/support/files.ts'))})
      const files = { avatar: { types: ['image/png'], maxSize: '2 MiB' } }
      const bytes = Buffer.concat([PNG, Buffer.alloc(1_000_000)])
      const { body, headers } = formOf([{ name: 'avatar', file: 'a.png', type: 'image/png', bytes }])
      const request = Object.assign(Readable.from([body]), { headers })
      const avatars = upload({ dir: ${JSON.stringify(dir)}, webRoot: false, files })
      console.log(await avatars.receive(request).then(() => 'taken', (error) => error.code))`
    const node = [process.execPath, ...process.execArgv.filter((flag) => flag.startsWith('--conditions'))]
    const limited = ['-c', 'trap "" XFSZ; ulimit -f 150; exec "$@"', 'sh', ...node, '--input-type=module', '-e', script]
    const { stdout, stderr } = spawnSync('sh', limited, { encoding: 'utf8' })
    assert.equal(stdout.trim(), 'EFBIG', stderr)
    assert.deepEqual(filesIn(dir), [])
  })
})

describe('an upload in its bounds', () => {
  it('gives up on a body that is silent, and on one that takes too long', async () => {
    for (const [bounds, trickles] of [
      [{ idle: 20 }, false],
      [{ timeout: 50 }, true],
    ] as const) {
      const dir = fresh()
      const { body, headers } = formOf([part])
      const stream = new Readable({ read() {} })
      stream.push(body.subarray(0, 120))
      const more = trickles && setInterval(() => stream.push('a'), 5)
      const sent = await upload({ dir, webRoot: false, files: AVATAR, ...bounds }).receive(requestOf(stream, headers))
      if (more) clearInterval(more)
      assert.deepEqual(!sent.ok && [sent.reason, sent.status], ['timeout', 408])
      assert.deepEqual(filesIn(dir), [])
    }
  })

  it('refuses a length that is declared too large before it reads a byte', async () => {
    const avatars = upload({ dir: fresh(), webRoot: false, files: AVATAR })
    const { headers } = formOf([part])
    const request = requestOf(new Readable({ read() {} }), { ...headers, 'content-length': String(avatars.maxBody + 1) })
    const sent = await avatars.receive(request)
    assert.deepEqual(!sent.ok && [sent.reason, sent.status], ['too-large', 413])
  })

  it('takes 64 MiB and never holds more than a few pieces of it', async () => {
    const dir = fresh()
    const size = 64 * 1_048_576
    const files = { film: { types: ['image/png'], maxSize: size } } as const
    const { body, headers } = formOf([{ ...part, name: 'film', bytes: PNG }])
    const cut = body.length - '\r\n--sea-otters-hold-hands--\r\n'.length
    const piece = Buffer.alloc(65_536, 1)
    let asked = 0
    let ahead = 0
    async function* bytes() {
      yield body.subarray(0, cut)
      for (let given = PNG.length; given < size; given += piece.length) {
        asked++
        ahead = Math.max(ahead, asked * piece.length - written(dir))
        yield piece.subarray(0, Math.min(piece.length, size - given))
      }
      yield body.subarray(cut)
    }
    const { 'content-length': _length, ...rest } = headers
    const sent = await upload({ dir, webRoot: false, files }).receive(requestOf(Readable.from(bytes()), rest))
    assert.ok(sent.ok)
    assert.equal(sent.files.film[0]!.size, size)
    assert.ok(ahead < 8 * 1_048_576, `${ahead} bytes were taken from the client and not written`)
  })

  it('leaves no file that another process may still write, and sweeps those of a process that was killed', () => {
    const dir = fresh()
    mkdirSync(join(dir, '.held'))
    for (const name of ['old.part', 'new.part']) writeFileSync(join(dir, '.held', name), 'x')
    utimesSync(join(dir, '.held', 'old.part'), 1, 1)
    upload({ dir, webRoot: false, files: AVATAR })
    assert.deepEqual(filesIn(dir), ['new.part'])
  })
})

describe('an upload does not start', () => {
  const dir = fresh()
  const root = fresh()
  symlinkSync(root, join(folder, 'link'))
  const with_ = (more: object) => () => upload({ dir, webRoot: root, files: AVATAR, ...more } as UploadOptions<string, string>)
  const rule = (more: object) => with_({ files: { avatar: { types: ['image/png'], maxSize: '1 MiB', ...more } } })
  const refusals: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['without files', with_({ files: {} }), /upload\.files/],
    ['without types', rule({ types: undefined }), /upload\.files\.avatar\.types/],
    ['with no type', rule({ types: [] }), /upload\.files\.avatar\.types/],
    ['with a type that cannot be told', rule({ types: ['text/html'] }), /There are image\/png/],
    ['with SVG', rule({ types: ['image/svg+xml'] }), /SVG can hold script/],
    ['without a size', rule({ maxSize: undefined }), /upload\.files\.avatar\.maxSize/],
    ['with a size that is none', rule({ maxSize: '2 MB' }), /'2 MiB'/],
    ['with a count that is none', rule({ max: 0 }), /upload\.files\.avatar\.max /],
    ['with archives of any content', rule({ types: ['application/zip'] }), /maxUnpacked/],
    ['with an option that is misspelt', rule({ maxsize: 1 }), /maxSize/],
    ['with a field of any length', with_({ fields: { title: {} } }), /maxLength/],
    ['without a word on the web root', with_({ webRoot: undefined }), /upload\.webRoot/],
    ['in the web root', with_({ dir: join(root, 'up') }), /would be served as a page/],
    ['in the web root by a link', with_({ dir: join(folder, 'link', 'up') }), /would be served as a page/],
    ['around the web root', with_({ dir: folder }), /would be served as a page/],
    ['in a file', with_({ dir: import.meta.filename }), /upload\.dir/],
    ['with a last day that has passed', with_({ insecureSvg: { reason: 'maps are drawn in it', until: '2020-01-01' } }), /2020/],
  ]
  for (const [title, start, message] of refusals) it(title, () => assert.throws(start, { message }))

  it('but takes a folder that only begins like the web root, and SVG with a reason', () => {
    with_({ dir: `${root}-uploads` })()
    const insecureSvg = { reason: 'maps are drawn in it', until: '2099-01-01' }
    with_({ insecureSvg, files: { map: { types: ['image/svg+xml'], maxSize: 1 } } })()
  })
})

/** Bytes of what is being written. */
function written(dir: string): number {
  const [name] = readdirSync(join(dir, '.held'))
  return name === undefined ? 0 : statSync(join(dir, '.held', name)).size
}
