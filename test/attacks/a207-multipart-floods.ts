import { readdirSync } from 'node:fs'
import { defineAttack } from '../support/attack.ts'
import { formOf, PNG, type FormPart } from '../support/files.ts'

const avatar: FormPart = { name: 'avatar', file: 'me.png', type: 'image/png', bytes: PNG }
const many = (count: number, name: (index: number) => string): FormPart[] =>
  Array.from({ length: count }, (_, index) => ({ name: name(index), bytes: '' }))

/** Bodies that have stopped parsers, or made them keep what nobody asked for: multer, busboy, multiparty, formidable, Rack. */
const FLOODS: readonly (readonly [string, readonly FormPart[], ((body: Buffer) => Buffer)?])[] = [
  ['ten thousand fields', many(10_000, (index) => `f${index}`)],
  ['ten thousand parts without a name', many(10_000, () => '')],
  ['ten thousand files', Array.from({ length: 10_000 }, () => avatar)],
  ['nested names', [avatar, { name: 'a[b][c][d][e]', bytes: '1' }]],
  ['a name that is an index', [avatar, { name: 'a[4294967295]', bytes: '1' }]],
  ['names of prototypes', [avatar, { name: '__proto__[admin]', bytes: '1' }, { name: 'constructor', bytes: '1' }]],
  ['no last boundary', [avatar], (body) => body.subarray(0, -30)],
  ['half of a boundary', [avatar], (body) => body.subarray(0, -4)],
  ['text before the first part', [avatar], (body) => Buffer.concat([Buffer.alloc(1_000_000, 0x41), body])],
  ['a file that is too large', [{ ...avatar, bytes: Buffer.concat([PNG, Buffer.alloc(1_000_000)]) }]],
]

export default defineAttack({
  id: 'A207',
  title: 'sends forms with files that never end, or have thousands of parts, to stop the process or to fill its disk',
  control: 'files',
  adapters: 'all',
  without: { heldBy: 'design', why: 'every limit follows from the types and sizes that must be given; none can be left out' },
  async succeeds(app) {
    for (const [title, parts, change] of FLOODS) {
      const { body, headers } = formOf(parts)
      const sent = change ? change(body) : body
      const type = headers['content-type']
      const answer = await app
        .fetch('/upload', { method: 'POST', headers: { 'content-type': type }, body: sent })
        // A server that closes while we still send: we were refused, and it must be there for others.
        .catch(() => undefined)
      if (answer !== undefined && (answer.status < 400 || answer.status >= 500)) return true
      const left = readdirSync(app.state.files.uploads, { recursive: true }).filter((name) => name !== '.held')
      if (left.length > 0) throw new Error(`${title} left ${left.length} files.`)
    }
    const honest = await app.fetch('/upload', { method: 'POST', ...formOf([avatar]) })
    if (honest.status !== 200) throw new Error(`An honest upload was answered with ${honest.status}.`)
    return app.faults.length > 0
  },
})
