/** What it costs in memory to take 1 GiB: the resident bytes of the process at their highest, over those before. */
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { node } from '../src/adapters/node.ts'
import { createServer } from '../src/adapters/server.ts'
import { upload } from '../src/files/index.ts'
import { createHoldfast } from '../src/index.ts'
import { freePort } from './process.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const SIZE = 1_073_741_824
const MIB = 1_048_576
const BOUNDARY = 'bench'
const OPENING = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="film"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n`
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Who takes it: nothing but Node, into a file; `upload`; and `upload` behind all of the kit, as a guarded route has it. */
const KINDS = ['plain', 'upload', 'guarded'] as const
type Kind = (typeof KINDS)[number]
const SAID: Readonly<Record<Kind, string>> = {
  plain: 'Node alone, unread into a file',
  upload: '`upload`',
  guarded: '`upload` behind all of the kit',
}

/** What was read is garbage until the collector comes, and that comes as often as its space for new objects is small. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'as Node starts by itself': [],
  'as `npm start` does, with little space for new objects': ['--max-semi-space-size=1'],
}

/** `npm run bench uploads` */
export async function uploads(): Promise<void> {
  console.log(`\nuploads: ${SIZE / MIB} MiB after a first small one, memory added at the most, each in a process of its own`)
  for (const [how, flags] of Object.entries(FLAGS)) {
    console.log(`  ${how}`)
    for (const kind of KINDS) {
      const { seconds, added } = await taken(kind, flags)
      console.log(`    ${SAID[kind].padEnd(32)} ${(added / MIB).toFixed(1).padStart(6)} MiB ${seconds.toFixed(1).padStart(6)} s`)
    }
  }
}

async function taken(kind: Kind, flags: readonly string[]): Promise<{ readonly seconds: number; readonly added: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const child = fork(import.meta.filename, [dir, kind], {
    execArgv: ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning', ...flags],
  })
  try {
    const [port] = (await once(child, 'message')) as [number]
    // What is loaded for the first file of all is no matter of its size.
    await send(port, MIB)
    const started = performance.now()
    const { status, text } = await send(port, SIZE)
    const seconds = (performance.now() - started) / 1000
    const { added, size } = status === 200 ? (JSON.parse(text) as { added: number; size: number }) : { added: 0, size: 0 }
    if (size < SIZE) throw new Error(`The upload was answered with ${status}: ${text}`)
    return { seconds, added }
  } finally {
    child.kill()
    rmSync(dir, { recursive: true, force: true })
  }
}

function send(port: number, size: number): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const origin = `http://localhost:${port}`
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, host: `localhost:${port}`, origin }
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', path: '/film', headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += String(chunk)
      resolve({ status: response.statusCode!, text })
    })
    request.on('error', reject)
    void write(request, size).catch(reject)
  })
}

async function write(request: http.ClientRequest, size: number): Promise<void> {
  request.write(OPENING)
  request.write(PNG)
  const piece = Buffer.alloc(MIB)
  for (let left = size - PNG.length; left > 0; left -= piece.length)
    if (!request.write(piece.subarray(0, Math.min(left, piece.length)))) await once(request, 'drain')
  request.end(`\r\n--${BOUNDARY}--\r\n`)
}

/** The measured side: a process of its own, so that the memory of the sender does not count. */
async function serve(dir: string, kind: Kind): Promise<void> {
  const films = upload({ dir, webRoot: false, files: { film: { types: ['image/png'], maxSize: '1 GiB' } } })
  async function take(request: IncomingMessage): Promise<number> {
    if (kind === 'plain') {
      const path = join(dir, 'plain')
      await pipeline(request, createWriteStream(path))
      return statSync(path).size
    }
    const sent = await films.receive(request)
    return sent.ok ? sent.files.film[0]!.size : 0
  }
  const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const before = process.memoryUsage.rss()
    let most = before
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
    const size = await take(request)
    clearInterval(watch)
    response.end(JSON.stringify({ added: most - before, size }))
  }
  const port = await freePort()
  const server = kind === 'guarded' ? await guarded(join(dir, 'data'), films.maxBody, port, handler) : http.createServer(handler)
  server.listen(port, '127.0.0.1', () => process.send!(port))
}

async function guarded(data: string, bodyLimit: number, port: number, handler: Handler): Promise<http.Server> {
  const holdfast = await createHoldfast({
    origin: `http://localhost:${port}`,
    data,
    log: 'silent',
    routes: [{ path: 'POST /film', public: true, body: 'raw', bodyLimit }],
  })
  return createServer(holdfast, node(holdfast, handler)) as http.Server
}

if (process.argv[1] === import.meta.filename) await serve(process.argv[2]!, process.argv[3] as Kind)
