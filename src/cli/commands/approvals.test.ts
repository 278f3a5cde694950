import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { createHoldfast } from '../../index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-approvals-'))
after(() => rmSync(root, { recursive: true }))

const PASSWORD = 'crimson kettle orbit lagoon'

describe('holdfast approvals', () => {
  it('asks in place of doing what needs a second person, by name, and does it after their yes', async () => {
    const now = () => Date.parse('2026-06-01T12:00:00Z')
    const data = join(root, 'data')
    const sent: string[] = []
    const base = {
      ...({ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now } as const),
      mail: {
        from: 'a@app.example',
        transport: { name: 'test', send: async ({ to }: { to: string }) => void sent.push(to) },
        background: false,
      },
      passwords: { hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } },
    } as const
    const before = await createHoldfast(base)
    const { users } = before.accounts
    for (const [login, role] of [
      ['ada', 'admin'],
      ['amy', 'admin'],
      ['bob', 'member'],
    ] as const)
      await users.create(
        { login, roles: [role], password: new Secret(PASSWORD), address: `${login}@app.example`, addressVerified: true },
        { kind: 'system', id: 'test' },
      )
    await before.stop()
    const app = await createHoldfast({ ...base, approval: { acts: ['users:make-administrator', 'users:delete'] } })
    async function holdfast(...words: string[]) {
      const { code, out, error } = await run(commands, words, {
        ...{ environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: join(root, 'log') }, now, warn: () => {} },
        readPassword: async () => new Secret(PASSWORD),
      })
      return { code, text: `${out}${error}` }
    }
    const promote = ['users', 'set-role', 'bob', 'admin', '--as', 'ada', '--reason', 'Leads the team']
    const bare = await holdfast('users', 'set-role', 'bob', 'admin')
    assert.deepEqual([bare.code, /--as LOGIN --reason TEXT/.test(bare.text)], [1, true])
    const asked = await holdfast(...promote)
    const id = /approve (ap_[\w-]+)/.exec(asked.text)![1]!
    await app.mail!.flush()
    assert.deepEqual([asked.code, sent], [1, ['amy@app.example']])
    assert.match((await holdfast('approvals', 'list')).text, /users:make-administrator {2}asked[^]*roles +"admin"[^]*to +"bob"/)
    for (const [who, words] of [
      ['ada', /same person/],
      ['bob', /approvals:decide/],
      ['eve', /no user/],
    ] as const) {
      const { code, text } = await holdfast('approvals', 'approve', id, '--as', who)
      assert.deepEqual([code, words.test(text)], [1, true], text)
    }
    assert.equal((await holdfast('approvals', 'approve', id)).code, 2)
    assert.equal((await holdfast('approvals', 'approve', id, '--as', 'amy', '--note', 'yes')).code, 0)
    assert.equal((await holdfast('approvals', 'approve', id, '--as', 'amy')).code, 1)
    assert.equal((await holdfast(...promote)).code, 0)
    assert.deepEqual((await app.accounts.users.byLogin('bob'))?.roles, ['admin'])

    const gone = ['users', 'delete', 'bob', '--as', 'ada', '--reason', 'Left']
    assert.equal((await holdfast(...gone)).code, 2, 'without --yes')
    const leaving = await holdfast(...gone, '--yes')
    assert.equal((await holdfast('approvals', 'decline', /approve (ap_[\w-]+)/.exec(leaving.text)![1]!, '--as', 'amy')).code, 0)
    const again = /approve (ap_[\w-]+)/.exec((await holdfast(...gone, '--yes')).text)![1]!
    assert.equal((await holdfast('approvals', 'approve', again, '--as', 'amy')).code, 0)
    assert.equal((await holdfast(...gone, '--yes')).code, 0)
    assert.equal(await app.accounts.users.byLogin('bob'), undefined)
    const made = await holdfast('users', 'create', 'neu', '--role', 'admin', '--as', 'ada', '--reason', 'x', '--no-password')
    assert.deepEqual([made.code, await app.accounts.users.byLogin('neu')], [1, undefined])
    await app.stop()
  })
})
