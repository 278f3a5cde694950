import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createHoldfast, Secret } from '../../index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const data = mkdtempSync(join(tmpdir(), 'holdfast-incident-'))
const log = join(data, 'log.jsonl')
const ORIGIN = 'http://localhost:3000'
const BY = { kind: 'system', id: 'test' } as const
const ATTACKER = '203.0.113.9'
after(() => rmSync(data, { recursive: true }))

/** One run of the command by somebody at the terminal. */
async function holdfast(words: readonly string[], operator = 'eva', folder = data) {
  const environment = { HOLDFAST_DATA: folder, HOLDFAST_LOG: log, HOLDFAST_ORIGIN: ORIGIN }
  const io = { environment, operator, now: Date.now, warn: () => {}, readPassword: async () => new Secret('') }
  return await run(commands, words, io)
}

async function json(words: readonly string[], operator?: string): Promise<any> {
  const { out } = await holdfast([...words, '--json'], operator)
  return JSON.parse(out)
}

describe('holdfast incident', () => {
  let id = ''
  before(async () => {
    const application = await createHoldfast({ origin: ORIGIN, mode: 'test', data, log })
    for (const login of ['ada', 'root'])
      await application.accounts.users.create({ login, roles: [login === 'root' ? 'admin' : 'member'] }, BY)
    application.incidents.take({
      ...{ id: 's1', detection: 'credential-stuffing', severity: 'high', time: Date.now(), dryRun: false },
      ...{ actors: [{ kind: 'client', value: ATTACKER }], targets: [], targetCount: 0, why: '12 failures' },
      ...{ automatic: [], offered: [] },
    })
    await application.stop()
    id = (await json(['incident', 'list'])).incidents[0].id
  })

  it('lists, shows, owns and moves an incident, each with the name of who did it', async () => {
    assert.match(
      (await holdfast(['incident', 'list'])).out,
      new RegExp(`${id}.*high.*new.*credential-stuffing by client ${ATTACKER}`),
    )
    assert.match((await holdfast(['incident', 'own', id, 'Eva'])).out, /acknowledged, owned by Eva/)
    assert.equal((await holdfast(['incident', 'note', id, 'A list of passwords.'])).code, 0)
    const { out } = await holdfast(['incident', 'show', id])
    assert.match(out, /A list of passwords\. \(system:cli:eva\)/)
    assert.match(out, /playbooks credential-stuffing/)
    assert.equal((await holdfast(['incident', 'set', id, 'contained'])).code, 1, 'without a reason')
    assert.equal((await holdfast(['incident', 'set', id, 'done', '--reason', 'It is over.'])).code, 2)
    assert.equal((await holdfast(['incident', 'set', id, 'contained', '--reason', 'It is blocked.'])).code, 0)
    assert.equal((await holdfast(['incident', 'show', 'nothing-there'])).code, 1)
  })

  it('says what a response would do, does it, lists it and undoes it', async () => {
    const words = [
      'incident',
      'respond',
      id,
      'block-client',
      `client:${ATTACKER}`,
      '--reason',
      'Tries passwords.',
      '--for',
      '30m',
    ]
    const dry = await holdfast([...words, '--dry-run'])
    assert.match(dry.out, /Refuses requests of 203\.0\.113\.9.*30 minutes.*Nothing was done/s)
    assert.equal((await json(['incident', 'responses'])).responses.length, 0)
    const { response } = await json(words)
    assert.equal(response.by.id, 'cli:eva')
    assert.match((await holdfast(['incident', 'responses'])).out, new RegExp(`${response.id}.*block-client.*active`))
    assert.match((await holdfast(['incident', 'undo', response.id, '--reason', 'It was us.  '])).out, /undone/)
    assert.match((await holdfast(['incident', 'show', id])).out, /block-client undone/)
  })

  it('acts by the rules that the application left: whom, how long, and with whom', async () => {
    const refusedFor = async (...words: string[]) =>
      (await json(['incident', 'respond', id, ...words, '--reason', 'A good reason.'])).error?.reason
    assert.equal(await refusedFor('block-client', 'client:127.0.0.1'), 'never-blocked')
    assert.equal(await refusedFor('block-network', 'network:10.0.0.0/8'), 'too-wide')
    assert.equal(await refusedFor('lock-account', 'user:root'), 'last-administrator')
    assert.equal(await refusedFor('lock-account', 'user:nobody'), 'subject-unknown')
    assert.equal(await refusedFor('disable-route', 'route:/login'), 'route-spared')
    assert.equal(await refusedFor('block-client', `client:${ATTACKER}`, '--for', '30d'), 'expiry-invalid')
    assert.equal(await refusedFor('tighten-limit', '--set', 'limit=nothing'), 'setting-invalid')
    assert.equal(await refusedFor('force-password-change', 'user:ada'), 'no-way-back')
    assert.equal(await refusedFor('blok-client', 'client:x'), 'usage')
    assert.equal(await refusedFor('block-client', 'somebody'), 'usage')
  })

  it('asks somebody else at another terminal to confirm what two decide', async () => {
    const { response } = await json(['incident', 'respond', id, 'read-only', '--reason', 'Look what happened.'])
    assert.equal(response.state, 'waiting')
    assert.equal((await holdfast(['incident', 'confirm', response.id])).code, 1)
    const confirmed = await json(['incident', 'confirm', response.id], 'bob')
    assert.deepEqual([confirmed.response.state, confirmed.response.second], ['active', 'system:cli:bob'])
    await holdfast(['incident', 'undo', response.id, '--reason', 'Seen enough.'])
  })

  it('says what an account did and could have done', async () => {
    const { trace } = await json(['incident', 'trace', '--user', 'root'])
    assert.equal(trace.could.everything, true)
    assert.equal(trace.did.counts.user_created, 1)
    assert.match((await holdfast(['incident', 'trace', '--client', ATTACKER])).out, new RegExp(`${id} open`))
    assert.equal((await holdfast(['incident', 'trace'])).code, 2)
    assert.equal((await holdfast(['incident', 'trace', '--user', 'root', '--client', ATTACKER])).code, 2)
  })

  it('exports evidence that verifies with the public key alone, elsewhere, and not after a change', async () => {
    const file = join(data, 'evidence.json')
    assert.equal((await holdfast(['incident', 'export', id, '--out', file])).code, 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal((await holdfast(['incident', 'export', id, '--out', file])).code, 3, 'nothing is written over')
    const { keys } = await json(['incident', 'keys'])
    const elsewhere = mkdtempSync(join(data, 'elsewhere-'))
    const verify = (name: string) => holdfast(['incident', 'verify', name, '--key', keys[0].text], 'auditor', elsewhere)
    const whole = await verify(file)
    assert.match(whole.out, new RegExp(`whole.*Incident ${id}`, 's'))
    const envelope = JSON.parse(readFileSync(file, 'utf8'))
    const changed = Buffer.from(envelope.payload, 'base64').toString().replaceAll(ATTACKER, '192.0.2.1')
    writeFileSync(`${file}.x`, JSON.stringify({ ...envelope, payload: Buffer.from(changed).toString('base64') }))
    assert.equal((await verify(`${file}.x`)).code, 1)
    assert.equal((await verify(join(data, 'not-there'))).code, 3)
    const evidence = JSON.parse(Buffer.from(envelope.payload, 'base64').toString())
    assert.match(evidence.configuration.hash, /^[0-9a-f]{64}$/)
    assert.equal(evidence.software.specVersion, '1.6')
    assert.ok(evidence.responses.length > 0)
  })

  it('writes the report, in which what an attacker chose is no markup', async () => {
    await holdfast(['incident', 'note', id, '[click](https://evil.example) <b>x</b> | y'])
    const { out } = await holdfast(['incident', 'report', id])
    assert.match(out, /^# Incident /)
    for (const part of ['How long it took', 'What was reached', 'What was done', 'Timeline', 'Open points'])
      assert.ok(out.includes(`## ${part}`))
    assert.ok(out.includes('\\[click\\](https://evil.example) \\<b\\>x\\</b\\> \\| y'))
    assert.match(out, /\| To contain \| \d/)
    assert.match(out, /Nobody owns it|owner Eva/)
  })

  it('lists playbooks and responses without a database', async () => {
    const nowhere = join(data, 'nowhere')
    assert.match((await holdfast(['incident', 'playbooks'], 'eva', nowhere)).out, /credential-stuffing/)
    const { out } = await holdfast(['incident', 'playbooks', 'flood', '--cacao'], 'eva', nowhere)
    assert.equal(JSON.parse(out).spec_version, 'cacao-2.0')
    assert.match((await holdfast(['incident', 'responses', '--known'], 'eva', nowhere)).out, /end-all-sessions/)
    assert.equal((await holdfast(['incident', 'list'], 'eva', nowhere)).code, 3)
  })
})
