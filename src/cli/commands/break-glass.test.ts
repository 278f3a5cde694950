import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { createHoldfast } from '../../index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-break-glass-'))
after(() => rmSync(root, { recursive: true }))

describe('holdfast break-glass', () => {
  it('seals for the running application, shows it once, proves it without opening, and says how it stands', async () => {
    const now = () => Date.parse('2026-06-01T12:00:00Z')
    const data = join(root, 'data')
    const app = await createHoldfast({
      ...{ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now },
      signIn: { breakGlass: true },
    })
    async function holdfast(words: string, typed = '') {
      const { code, out, error } = await run(commands, words.split(' '), {
        ...{ environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: join(root, 'log') }, now, warn: () => {} },
        readPassword: async () => new Secret(typed),
      })
      return { code, text: out, error }
    }
    assert.match((await holdfast('break-glass status')).text, /HF-BREAK-GLASS-1/)
    const made = await holdfast('break-glass create --two')
    const parts = [...made.text.matchAll(/^ {4}((?:[0-9A-Z]{4}-){5}[0-9A-Z]{4})$/gm)].map(([, part]) => part!)
    const id = /(seal_[\w-]+)/.exec(made.text)![1]!
    assert.deepEqual([made.code, parts.length, /shown once/.test(made.text)], [0, 2, true])
    const status = await holdfast('break-glass status')
    assert.deepEqual(
      [status.code, /^SEAL +PARTS[^]*HF-BREAK-GLASS-2/.test(status.text), status.error],
      [1, true, ''],
      'the table is the result',
    )
    assert.ok(!status.text.includes(parts[0]!))
    const half = await holdfast('break-glass test', parts[0])
    assert.deepEqual([half.code, half.text.startsWith('It opens nothing'), half.error], [1, true, ''])
    assert.equal((await holdfast('break-glass test', 'a b c')).code, 2)
    assert.equal((await holdfast('break-glass test', parts.join(' '))).code, 0)
    assert.equal((await holdfast('break-glass status')).code, 0)
    const from = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
    assert.equal((await app.accounts.doors.breakGlass.open({ parts }, from)).ok, true)
    const used = await holdfast(`break-glass revoke ${id}`)
    assert.deepEqual([used.code, used.text, used.error], [1, '', 'holdfast: Nothing of that id is sealed.'])
    const again = /(seal_[\w-]+)/.exec((await holdfast('break-glass create')).text)![1]!
    assert.equal((await holdfast(`break-glass revoke ${again}`)).code, 0)
    const log = readFileSync(join(root, 'log'), 'utf8')
    assert.deepEqual([log.includes('authn_break_glass_sealed'), parts.some((part) => log.includes(part))], [true, false])
    await app.stop()
  })
})
