import { readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { formOf, PNG, type FormPart } from '../support/files.ts'

const avatar: FormPart = { name: 'avatar', file: 'me.png', type: 'image/png', bytes: PNG }
const BOUNDARY = 'sea-otters-hold-hands'
/** The head of the part grows, before what stands in it. */
const withHead = (more: string) => (body: Buffer) =>
  Buffer.from(body.toString('latin1').replace('content-type: image/png', `content-type: image/png\r\n${more}`), 'latin1')
const nested = (depth: number) => `a${'[b]'.repeat(depth)}`

/** The members of the family that the floods of A207 do not have. */
const BODIES: readonly (readonly [string, readonly FormPart[], ((body: Buffer) => Buffer)?])[] = [
  ['a head of a part of a megabyte in one line', [avatar], withHead(`x: ${'a'.repeat(1_000_000)}`)],
  ['a head of ten thousand lines', [avatar], withHead(Array.from({ length: 10_000 }, (_, n) => `x${n}: a`).join('\r\n'))],
  [
    'a head that never ends',
    [],
    () => Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; name="avatar"; x="${'a'.repeat(200_000)}`),
  ],
  ['names nested a hundred deep', [avatar, { name: nested(100), bytes: '1' }]],
  ['the highest index of an array', [avatar, { name: 'title[4294967295]', bytes: '1' }]],
  ['no boundary at all', [avatar], () => Buffer.alloc(500_000, 0x2d)],
  ['ten thousand parts in one', Array.from({ length: 10_000 }, (_, n): FormPart => ({ name: `title${n % 3}`, bytes: '1' }))],
]

/** Says that more will come, sends half of a file, and is gone. */
async function abort(app: TestApp): Promise<void> {
  const { body, headers } = formOf([{ ...avatar, bytes: Buffer.concat([PNG, Buffer.alloc(50_000)]) }])
  const socket = net.connect(app.port, '127.0.0.1')
  socket.on('error', () => {})
  const head = `POST /upload HTTP/1.1\r\nHost: localhost:${app.port}\r\nOrigin: ${app.origin}\r\nContent-Type: ${headers['content-type']}\r\nContent-Length: ${body.length}\r\n\r\n`
  socket.write(head)
  socket.write(body.subarray(0, 20_000))
  await wait(150)
  socket.destroy()
}

const left = (app: TestApp) => readdirSync(app.state.files.uploads, { recursive: true }).filter((name) => name !== '.held')

function emptied(app: TestApp): void {
  for (const name of left(app)) rmSync(join(app.state.files.uploads, String(name)), { force: true })
}

export default defineAttack({
  id: 'A81',
  title: 'sends forms whose parts have endless heads or names that are trees, or goes away in the middle of a file',
  control: 'files',
  adapters: 'all',
  without: { heldBy: 'design', why: 'the limits of parts and heads are not options, and what is not whole is never shown' },
  async succeeds(app) {
    for (const [title, parts, change] of BODIES) {
      const { body, headers } = formOf(parts)
      const sent = change ? change(body) : body
      const answer = await app
        .fetch('/upload', { method: 'POST', headers: { 'content-type': headers['content-type'] }, body: sent })
        // A server that closes while we still send: we were refused, and it must be there for others.
        .catch(() => undefined)
      if (answer !== undefined && (answer.status < 400 || answer.status >= 500)) {
        // A head is read by its first 8 KiB: what comes after them is passed over, and the file is an honest one.
        if (answer.status !== 200 || !title.startsWith('a head of')) return true
        emptied(app)
      }
      if (left(app).length > 0) throw new Error(`${title} left ${left(app).length} files.`)
    }
    for (let index = 0; index < 5; index++) await abort(app)
    for (let tries = 0; tries < 50 && readdirSync(app.state.files.uploads, { recursive: true }).length > 1; tries++)
      await wait(100)
    if (readdirSync(app.state.files.uploads, { recursive: true }).length > 1)
      throw new Error('What was broken off is still there.')
    const honest = await app.fetch('/upload', { method: 'POST', ...formOf([avatar]) })
    if (honest.status !== 200) throw new Error(`An honest upload was answered with ${honest.status}.`)
    return app.faults.length > 0
  },
})
