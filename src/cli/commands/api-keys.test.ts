import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { createHoldfast } from '../../index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-api-keys-'))
let folders = 0
after(() => rmSync(root, { recursive: true }))

/** A folder in which an application with these roles ran, and the command in it. */
async function installation(roles?: Readonly<Record<string, readonly string[]>>) {
  const data = join(root, String(folders++))
  const log = join(root, `log-${folders}`)
  const holdfast = await createHoldfast({
    origin: 'http://localhost:3000',
    data,
    mode: 'test',
    log: 'silent',
    ...(roles && { roles }),
  })
  await holdfast.stop()
  return {
    log: () => readFileSync(log, 'utf8'),
    holdfast: (...words: string[]) => holdfastCommand(words, { environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: log } }),
  }
}

describe('holdfast api-keys', () => {
  it('makes a key of a service, shows it once, lists it and ends it', async () => {
    const { holdfast, log } = await installation({ admin: ['*'], reader: ['notes:read'] })
    assert.match((await holdfast('users', 'create', 'robot', '--service', '--role', 'reader')).out, /^Made "robot"/)
    const made = await holdfast(
      'api-keys',
      'create',
      'robot',
      '--name',
      'nightly export',
      '--scope',
      'notes:read',
      '--days',
      '30',
    )
    const text = /^hf_key_(\w{11})_\w{49}\nIt ends /.exec(made.out)
    assert.ok(made.code === 0 && text !== null, made.error)
    const listed = await holdfast('api-keys', 'list', 'robot')
    assert.match(listed.out, new RegExp(`${text[1]} +nightly export +active +- +notes:read +-`))
    assert.equal(listed.out.includes(text[0].slice(20, 60)), false)
    assert.equal((await holdfast('api-keys', 'revoke', 'robot', text[1]!)).out, 'Ended 1 key.')
    assert.equal((await holdfast('api-keys', 'revoke', 'robot', text[1]!)).code, 1)
    assert.match((await holdfast('api-keys', 'list', 'robot')).out, /revoked/)
    assert.match(log(), /authn_token_created.*authn_token_revoked/s)
    assert.equal(log().includes(text[0].slice(20, 60)), false)
  })

  it('makes one for a tenant that the user belongs to, and for no other', async () => {
    const { holdfast } = await installation()
    await holdfast('users', 'create', 'robot', '--service')
    const [, tenant] = /: (t_\S+)$/.exec((await holdfast('tenants', 'create', 'Acme')).out)!
    const make = (...more: string[]) => holdfast('api-keys', 'create', 'robot', '--name', 'one', '--tenant', tenant!, ...more)
    assert.match((await make()).error, /belongs to no such tenant/)
    assert.equal((await holdfast('tenants', 'add', tenant!, 'robot', '--role', 'member')).code, 0)
    assert.match((await make('--scope', 'notes:read')).error, /may not do this there/)
    assert.equal((await make()).code, 0)
    assert.match((await holdfast('api-keys', 'list', 'robot')).out, new RegExp(`active +${tenant} +- `))
  })

  it('says the same in JSON', async () => {
    const { holdfast } = await installation()
    await holdfast('users', 'create', 'bob', '--role', 'admin')
    const { json } = await holdfast('api-keys', 'create', 'bob', '--name', 'x', '--scope', '*', '--per-minute', '60', '--json')
    assert.match(json.text, /^hf_key_/)
    assert.deepEqual([json.key.scopes, json.key.perMinute, json.key.status], [['*'], 60, 'active'])
    const { keys } = (await holdfast('api-keys', 'list', 'bob', '--json')).json
    assert.deepEqual([keys.length, keys[0].id], [1, json.key.id])
    assert.deepEqual((await holdfast('api-keys', 'revoke', 'bob', '--all', '--json')).json, { revoked: 1 })
  })

  it('gives no scope that the roles of the application do not give the user', async () => {
    const { holdfast } = await installation({ admin: ['*'], reader: ['notes:read'] })
    await holdfast('users', 'create', 'bob', '--role', 'reader')
    const create = (scope: string) => holdfast('api-keys', 'create', 'bob', '--name', scope, '--scope', scope, '--json')
    assert.equal((await create('notes:write')).json.error.reason, 'scope-not-held')
    assert.equal((await create('*')).json.error.reason, 'scope-not-held')
    assert.equal((await create('notes:read')).code, 0)
  })

  it('takes a key without a last day only with a reason', async () => {
    const { holdfast, log } = await installation()
    await holdfast('users', 'create', 'bob')
    const create = (name: string, ...more: string[]) => holdfast('api-keys', 'create', 'bob', '--name', name, ...more)
    assert.equal((await create('a', '--insecure-no-expiry', 'why')).code, 1)
    assert.equal((await create('b', '--days', '366')).code, 1)
    assert.match((await create('c', '--insecure-no-expiry', 'the device cannot be reached')).out, /It has no last day/)
    assert.match(log(), /the device cannot be reached/)
  })

  it('refuses wrong usage and unknown users', async () => {
    const { holdfast } = await installation()
    await holdfast('users', 'create', 'bob')
    const cases: [readonly string[], number][] = [
      [['create', 'bob'], 2],
      [['create', 'bob', '--name', 'x', '--days', 'soon'], 2],
      [['create', 'nobody', '--name', 'x'], 1],
      [['create', 'bob', '--name', 'x', '--scope', 'NO'], 1],
      [['revoke', 'bob'], 2],
      [['revoke', 'bob', 'x', '--all'], 2],
      [['revoke', 'bob', 'nothing'], 1],
      [['list', 'nobody'], 1],
      [['frob', 'bob'], 2],
    ]
    for (const [words, code] of cases) assert.equal((await holdfast('api-keys', ...words)).code, code, words.join(' '))
    assert.equal((await holdfast('api-keys', 'list', 'bob')).out, 'No key.')
    assert.match((await holdfast('users', 'set-password', 'bob')).out, /new password/)
    await holdfast('users', 'create', 'robot', '--service')
    assert.match((await holdfast('users', 'set-password', 'robot')).error, /Nobody signs in as a service/)
  })
})
