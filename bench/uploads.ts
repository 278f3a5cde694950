/** What it costs in memory to take 1 GiB: the resident bytes of the process at their highest, over those before. */
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { upload } from '../src/files/index.ts'

const SIZE = 1_073_741_824
const MIB = 1_048_576
const BOUNDARY = 'bench'
const OPENING = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="film"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n`
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** `npm run bench uploads` */
export async function uploads(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const child = fork(import.meta.filename, [dir], {
    execArgv: ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning'],
  })
  try {
    const [port] = (await once(child, 'message')) as [number]
    const started = performance.now()
    const { status, text } = await send(port)
    const seconds = (performance.now() - started) / 1000
    if (status !== 200) throw new Error(`The upload was answered with ${status}: ${text}`)
    const { added, size } = JSON.parse(text) as { added: number; size: number }
    console.log(`\nuploads: ${size / MIB} MiB in ${seconds.toFixed(1)} s, ${(added / MIB).toFixed(1)} MiB of memory added`)
  } finally {
    child.kill()
    rmSync(dir, { recursive: true, force: true })
  }
}

function send(port: number): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += String(chunk)
      resolve({ status: response.statusCode!, text })
    })
    request.on('error', reject)
    void write(request).catch(reject)
  })
}

async function write(request: http.ClientRequest): Promise<void> {
  request.write(OPENING)
  request.write(PNG)
  const piece = Buffer.alloc(MIB)
  for (let left = SIZE - PNG.length; left > 0; left -= piece.length)
    if (!request.write(piece.subarray(0, Math.min(left, piece.length)))) await once(request, 'drain')
  request.end(`\r\n--${BOUNDARY}--\r\n`)
}

/** The measured side: a process of its own, so that the memory of the sender does not count. */
function serve(dir: string): void {
  const films = upload({ dir, webRoot: false, files: { film: { types: ['image/png'], maxSize: '1 GiB' } } })
  const server = http.createServer(async (request: IncomingMessage, response) => {
    const before = process.memoryUsage.rss()
    let most = before
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
    const sent = await films.receive(request)
    clearInterval(watch)
    const size = sent.ok ? sent.files.film[0]!.size : 0
    response.writeHead(sent.ok ? 200 : sent.status)
    response.end(JSON.stringify(sent.ok ? { added: most - before, size } : sent))
  })
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
}

if (process.argv[1] === import.meta.filename) serve(process.argv[2]!)
