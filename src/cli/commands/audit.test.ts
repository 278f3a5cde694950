/** `holdfast audit` on what an application left behind. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { Secret } from '../../crypto/secret.ts'
import { createHoldfast } from '../../index.ts'
import { sqlite } from '../../store/sqlite.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-cli-audit-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0

/** A folder in which an application ran and somebody was made a user, and the command beside it. */
async function installation() {
  const data = join(root, String(folders++))
  const holdfast = await createHoldfast({ origin: 'https://app.example', data, mode: 'test', log: 'silent' })
  const ada = await holdfast.accounts.users.create(
    { login: 'ada', roles: [], password: new Secret('a walrus sings at four') },
    { kind: 'user', id: 'root' },
  )
  assert.ok(ada.ok)
  await holdfast.stop()
  const printed: string[] = []
  async function command(...words: string[]) {
    return await holdfastCommand(words, {
      environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: join(data, 'log') },
      print: (text) => void printed.push(text),
      goesOn: () => printed.length < 3,
    })
  }
  /** Changes the database as somebody who can write there. */
  async function tamper(text: string) {
    const database = sqlite(join(data, 'holdfast.sqlite'))
    await database.statement(text).run()
    await database.close()
  }
  const key = (await command('audit', 'key')).out
  return { data, command, tamper, key, userId: ada.user.id, printed }
}

describe('holdfast audit', () => {
  it('finds what was done to a user, and is found itself', async () => {
    const { command, userId } = await installation()
    const found = await command('audit', 'search', '--user', userId, '--json')
    assert.deepEqual(
      found.json.events.map(({ type, data }: any) => [type, data.actor]),
      [['user_created', 'user:root']],
    )
    const text = await command('audit', 'search', '--type', 'user_created')
    assert.match(text.out, /^TIME +LEVEL +TYPE/)
    const reads = await command('audit', 'search', '--type', 'audit_read', '--json')
    assert.deepEqual(
      reads.json.events.map(({ data }: any) => data.filter),
      ['type=user_created', `user=${userId}`],
    )
    assert.equal((await command('audit', 'search', '--type', 'user_creatd')).code, 2)
    assert.equal((await command('audit', 'search', '--from', 'yesterday')).code, 2)
    assert.equal((await command('audit', 'search', '--limit', '0')).code, 2)
  })

  it('records what other verbs do, and signs it as the application does', async () => {
    const { command, key } = await installation()
    assert.equal((await command('users', 'disable', 'ada')).code, 0)
    const found = await command('audit', 'search', '--type', 'user_updated', '--json')
    assert.equal(found.json.events[0].data.actor, 'system:cli')
    const verdict = await command('audit', 'verify', '--public-key', key, '--json')
    assert.equal(verdict.code, 0, JSON.stringify(verdict.json))
    assert.ok(verdict.json.chains.every(({ events, signed }: any) => events === signed))
  })

  it('does nothing that it cannot record', async () => {
    const { command, tamper, data } = await installation()
    const ring = readFileSync(join(data, 'keys'), 'utf8')
    await tamper('ALTER TABLE hf_audit_intake RENAME COLUMN body TO gone')
    const out = join(data, 'export')
    for (const words of [
      ['users', 'disable', 'ada'],
      ['keys', 'rotate'],
      ['audit', 'search'],
      ['audit', 'tail'],
      ['audit', 'export', '--output', out],
      ['audit', 'prune'],
    ]) {
      assert.equal((await command(...words)).code, words[1] === 'prune' ? 0 : 3, words.join(' '))
    }
    assert.equal(readFileSync(join(data, 'keys'), 'utf8'), ring)
    assert.throws(() => statSync(out))
    await tamper('ALTER TABLE hf_audit_intake RENAME COLUMN gone TO body')
    assert.match((await command('users', 'list', '--json')).out, /"status":"active"/)
  })

  it('records the keys of the ring that come and go', async () => {
    const { command } = await installation()
    assert.equal((await command('keys', 'rotate')).code, 0)
    assert.equal((await command('audit', 'search', '--type', 'key_scheduled', '--json')).json.events.length, 1)
  })

  it('verifies the database by the public key, and names what was changed', async () => {
    const { command, tamper, key, data } = await installation()
    assert.equal((await command('audit', 'verify')).code, 0, 'its own ring will do')
    const file = join(data, 'public')
    writeFileSync(file, `${key}\n`)
    assert.match((await command('audit', 'verify', '--public-key', file)).out, /events hold/)
    await tamper("UPDATE hf_audit SET data = replace(data, 'user:root', 'user:ruut') WHERE type = 'user_created'")
    const broken = await command('audit', 'verify', '--public-key', key)
    assert.equal(broken.code, 1)
    assert.equal(broken.error, '', 'what was found is the result')
    assert.match(broken.out, /^The log does not hold[^]*\/administrative#\d+: This event is not what was written/)
    assert.equal((await command('audit', 'verify', '--public-key', 'nonsense')).code, 2)
  })

  it('exports what can be verified elsewhere by the public key alone', async () => {
    const { command, key, data } = await installation()
    const output = join(data, 'log.jsonl')
    assert.equal((await command('audit', 'export', '--output', output)).code, 0)
    assert.equal(statSync(output).mode & 0o777, 0o600)
    assert.equal((await command('audit', 'export', '--output', output)).code, 1, 'never over a file')
    const elsewhere = (path: string) =>
      holdfastCommand(['audit', 'verify', path, '--public-key', key], { environment: { HOLDFAST_DATA: join(root, 'nowhere') } })
    assert.equal((await elsewhere(output)).code, 0)
    writeFileSync(output, readFileSync(output, 'utf8').replace('"user:root"', '"user:ruut"'))
    assert.match((await elsewhere(output)).out, /line \d+\): This event is not what was written/)
    assert.equal((await elsewhere(join(data, 'nothing'))).code, 3)
    assert.equal((await command('audit', 'export', '--format', 'jsonl', '--from', '24h', '--output', `${output}2`)).code, 2)
    assert.equal((await command('audit', 'export', '--format', 'xml', '--output', `${output}2`)).code, 2)
    const csv = join(data, 'log.csv')
    assert.equal((await command('audit', 'export', '--format', 'csv', '--from', '24h', '--output', csv)).code, 0)
    assert.match(readFileSync(csv, 'utf8'), /^time,level,type/)
  })

  it('proves one event to somebody who has only the public key', async () => {
    const { command, key, data, userId } = await installation()
    const { id } = (await command('audit', 'search', '--user', userId, '--json')).json.events[0]
    const path = join(data, 'one.tlog-proof')
    writeFileSync(path, (await command('audit', 'proof', id)).out)
    assert.match((await command('audit', 'verify', path, '--public-key', key)).out, /stands in the log/)
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^index (\d+)/m, 'index 9$1'))
    assert.equal((await command('audit', 'verify', path, '--public-key', key)).code, 1)
    assert.equal((await command('audit', 'proof', 'x#1')).code, 1)
  })

  it('blanks an event with a reason, and removes nothing that is young', async () => {
    const { command, userId, key } = await installation()
    const { id } = (await command('audit', 'search', '--user', userId, '--json')).json.events[0]
    assert.equal((await command('audit', 'redact', id)).code, 2)
    assert.equal((await command('audit', 'redact', id, '--parts', 'all', '--reason', 'x')).code, 2)
    assert.equal((await command('audit', 'redact', id, '--reason', 'asked for by ada')).code, 0)
    assert.equal((await command('audit', 'redact', id, '--reason', 'again')).code, 1)
    assert.equal((await command('audit', 'search', '--user', userId, '--json')).json.events.length, 0)
    assert.match((await command('audit', 'prune', '--security', '30d')).out, /Nothing is old enough/)
    assert.equal((await command('audit', 'prune', '--security', '1h')).code, 3, 'a day at least')
    assert.equal((await command('audit', 'verify', '--public-key', key)).code, 0)
  })

  it('follows the log', async () => {
    const { command, printed } = await installation()
    assert.equal((await command('audit', 'tail', '--type', 'user_created', '--json')).json.events.length, 1)
    assert.equal((await command('audit', 'tail', '--follow')).code, 0)
    assert.ok(printed.length >= 3)
  })
})
