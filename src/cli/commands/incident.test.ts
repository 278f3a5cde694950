import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parseKeyring } from '../../crypto/keyring.ts'
import { createHoldfast, Secret } from '../../index.ts'
import { EVIDENCE_TYPE } from '../../observe/evidence/bundle.ts'
import { signEnvelope } from '../../observe/evidence/sign.ts'
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
    await application.accounts.users.create({ login: 'root', roles: ['admin'] }, BY)
    const ada = await application.accounts.users.create({ login: 'ada', roles: ['member'] }, BY)
    assert.ok(ada.ok)
    for (const door of ['password', 'password', 'recovery'])
      application.emit({ type: 'authn_login_fail', data: { userId: ada.user.id, door } })
    application.incidents.take({
      ...{ id: 's1', detection: 'credential-stuffing', severity: 'high', time: Date.now(), dryRun: false },
      ...{ actors: [{ kind: 'client', value: ATTACKER }], targets: [{ kind: 'user', value: ada.user.id }], targetCount: 1 },
      why: '12 failures',
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
    for (const more of [[], ['--dry-run']]) {
      const given = ['incident', 'respond', 'nothing-there', 'block-client', `client:${ATTACKER}`, '--reason', 'A good reason.']
      const { code, error } = await holdfast([...given, ...more])
      assert.deepEqual(
        [code, error],
        [1, 'holdfast: There is no incident "nothing-there". Write none where there is no incident.'],
      )
      assert.equal((await json([...given, ...more])).error.reason, 'unknown-incident')
    }
    const nowhere = await holdfast(['incident', 'respond', 'none', 'snapshot-evidence', '--reason', 'A good reason.'])
    assert.match(nowhere.error, /Name the incident of which evidence is kept/)
    assert.equal(await refusedFor('blok-client', 'client:x'), 'usage')
    assert.equal(await refusedFor('block-client', 'somebody'), 'usage')
  })

  it('asks a second person about what two decide, and does it when the same is said once more', async () => {
    const application = await createHoldfast({ origin: ORIGIN, mode: 'test', data, log })
    const made = await application.accounts.users.create({ login: 'second', roles: ['admin'] }, BY)
    await application.stop()
    assert.ok(made.ok)
    const words = ['incident', 'respond', id, 'read-only', '--reason', 'Look what happened.']
    assert.equal((await json(words)).error.reason, 'approval-required', 'nobody asks')
    const { error, approval } = await json([...words, '--as', 'root'])
    assert.equal(error.reason, 'approval-pending')
    assert.equal((await json([...words, '--as', 'root'])).approval.id, approval.id)
    const approve = (login: string) => holdfast(['approvals', 'approve', approval.id, '--as', login])
    assert.deepEqual([(await approve('root')).code, (await approve('ada')).code, (await approve('second')).code], [1, 1, 0])
    const { response } = await json([...words, '--as', 'root'])
    assert.deepEqual([response.state, response.second], ['active', `user:${made.user.id}`])
    const { out } = await holdfast(['incident', 'show', id])
    assert.match(out, /read-only on everybody asked for.*read-only on everybody approved.*read-only applied/s)
    await holdfast(['incident', 'undo', response.id, '--reason', 'Seen enough.'])
  })

  it('says what an account did and could have done', async () => {
    const { trace } = await json(['incident', 'trace', '--user', 'root'])
    assert.equal(trace.could.everything, true)
    assert.equal(trace.did.suffered.user_created, 1)
    assert.match((await holdfast(['incident', 'trace', '--client', ATTACKER])).out, new RegExp(`${id} open`))
    assert.equal((await holdfast(['incident', 'trace'])).code, 2)
    assert.equal((await holdfast(['incident', 'trace', '--user', 'root', '--client', ATTACKER])).code, 2)
  })

  it('says what was done with an access token of an app, under the app and under its account', async () => {
    const application = await createHoldfast({ origin: ORIGIN, mode: 'test', data, log, accessTokens: { accept: 'everywhere' } })
    const { users, doors, tokens } = application.accounts
    const password = new Secret('crimson kettle orbit lagoon')
    const made = await users.create({ login: 'grace', roles: ['member'], password }, BY)
    assert.ok(made.ok)
    const from = { address: ATTACKER, network: ATTACKER, userAgent: 'test' }
    const signedIn = await doors.password.signIn({ login: 'grace', password }, from)
    assert.ok(signedIn.ok)
    const begun = await tokens.begin({ session: signedIn.token.reveal(), client: 'Phone' }, from)
    assert.ok(begun.ok)
    const authorization = `Bearer ${begun.accessToken.reveal()}`
    const headers: Readonly<Record<string, string>> = { host: 'localhost:3000', authorization }
    const x = application.engine.open({
      ...{ method: 'GET', target: '/users', peer: ATTACKER, encrypted: false, httpVersion: '1.1', upgrade: false },
      rawHeaders: Object.entries(headers).flat(),
      header: (name) => headers[name],
      stream: undefined,
    })
    await application.engine.enter(x)
    application.emit({ type: 'sensitive_read', data: { what: 'customers', rows: 7 } }, x)
    await application.stop()
    const { trace } = await json(['incident', 'trace', '--app', begun.app.id])
    assert.equal(trace.did.counts.sensitive_read, 1)
    assert.equal(trace.did.complete, true)
    const [read] = trace.did.events.filter(({ type }: { type: string }) => type === 'sensitive_read')
    assert.deepEqual(read.data, { app: begun.app.id, rows: 7, what: 'customers' })
    const ofUser = (await json(['incident', 'trace', '--user', 'grace'])).trace
    assert.equal(ofUser.did.counts.sensitive_read, 1)
    assert.equal((await json(['incident', 'trace', '--app', 'nobodys-app'])).trace.did.complete, false)
  })

  it('exports evidence that verifies with the public keys alone, elsewhere, and not after a change', async () => {
    const file = join(data, 'evidence.json')
    assert.equal((await holdfast(['incident', 'export', id, '--out', file])).code, 0)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal((await holdfast(['incident', 'export', id, '--out', file])).code, 3, 'nothing is written over')
    const elsewhere = mkdtempSync(join(data, 'elsewhere-'))
    const keys = join(elsewhere, 'keys')
    writeFileSync(keys, (await holdfast(['incident', 'keys'])).out)
    const verify = (name: string, ...given: string[]) =>
      holdfast(['incident', 'verify', name, ...(given.length > 0 ? given : ['--key', keys])], 'auditor', elsewhere)
    const whole = await verify(file)
    assert.match(whole.out, new RegExp(`whole.*Incident ${id}.*[1-9]\\d* events are proved by [1-9]`, 's'))
    assert.doesNotMatch(whole.out, /not proved/)
    assert.equal((await holdfast(['incident', 'verify', file])).code, 0, 'its own ring will do')
    const [own, ofLog] = readFileSync(keys, 'utf8').split('\n') as [string, string]
    assert.match((await verify(file, '--key', own)).out, /give the key of the log as well/)
    assert.equal((await verify(file, '--key', ofLog)).code, 1)
    assert.equal((await verify(file, '--key', own, '--key', ofLog)).code, 0)
    assert.equal((await verify(join(data, 'not-there'))).code, 3)
    const envelope = JSON.parse(readFileSync(file, 'utf8'))
    const evidence = JSON.parse(Buffer.from(envelope.payload, 'base64').toString())
    assert.match(evidence.configuration.hash, /^[0-9a-f]{64}$/)
    assert.equal(evidence.software.specVersion, '1.6')
    assert.ok(evidence.responses.length > 0)
    assert.equal(evidence.events.proofs.events.length, evidence.events.list.length)

    const ring = parseKeyring(readFileSync(join(data, 'keys'), 'utf8').trim())
    const changed = async (change: (events: any) => void, signed: boolean) => {
      const copy = structuredClone(evidence)
      change(copy.events)
      const bytes = Buffer.from(JSON.stringify(copy))
      const made = signed ? signEnvelope(ring, EVIDENCE_TYPE, bytes) : { ...envelope, payload: bytes.toString('base64') }
      writeFileSync(`${file}.x`, JSON.stringify(made))
      const { code, out, error } = await verify(`${file}.x`)
      assert.deepEqual([code, error], [1, ''])
      return out
    }
    // Also for who can sign evidence the log vouches, and nothing else does.
    for (const signed of [false, true]) {
      const says = signed
        ? /does not vouch for its events.* Event 2 of the list/
        : /changed after it was signed.* Event 2 of the list/
      assert.match(await changed(({ list }) => (list[1].time ^= 1), signed), says)
      assert.match(await changed(({ list }) => list.splice(1, 2, list[2], list[1]), signed), says)
      assert.match(await changed(({ list }) => list.splice(1, 1), signed), says)
      assert.match(await changed(({ proofs }) => (proofs.events[1].proof.what = 'A'), signed), says)
    }
    assert.match(
      await changed(
        ({ proofs }) => (proofs.checkpoints[0].note = proofs.checkpoints[0].note.replace(/\n\d+\n/, '\n9999\n')),
        true,
      ),
      /Event \d+ of the list, .*: The checkpoint at \d+ is not signed/,
    )
    assert.match(await changed((events) => (events.list = 'none'), true), /no file of evidence/)
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

  it('removes what was kept long enough, as long as the application says, or as it is told', async () => {
    const folder = mkdtempSync(join(data, 'kept-'))
    const application = await createHoldfast({
      origin: ORIGIN,
      mode: 'test',
      data: folder,
      log: 'silent',
      incidents: { keep: '20d' },
    })
    application.incidents.take({
      ...{ id: 's1', detection: 'flood', severity: 'high', time: Date.now(), dryRun: false, why: 'many' },
      ...{ actors: [{ kind: 'client', value: ATTACKER }], targets: [], targetCount: 0, automatic: [], offered: [] },
    })
    await application.stop()
    const own = (await holdfast(['incident', 'list', '--json'], 'eva', folder)).out
    const [{ id: kept }] = JSON.parse(own).incidents
    const later = async (days: number, ...words: string[]) => {
      const io = { environment: { HOLDFAST_DATA: folder, HOLDFAST_ORIGIN: ORIGIN }, operator: 'eva', warn: () => {} }
      const now = () => Date.now() + days * 86_400_000
      return await run(commands, ['incident', ...words], { ...io, now, readPassword: async () => new Secret('') })
    }
    assert.match((await later(100, 'prune')).out, /Nothing is old enough/, 'it is open')
    assert.equal((await later(0, 'set', kept, 'resolved', '--reason', 'It is over.')).code, 0)
    assert.match((await later(19, 'prune')).out, /Nothing is old enough/)
    assert.match((await later(2, 'prune', '--keep', '1d', '--dry-run')).out, /Past their time: 1 incidents.*Nothing was removed/)
    assert.equal((await later(2, 'prune', '--keep', '1h')).code, 2)
    assert.match((await later(900, 'prune', '--keep', 'forever')).out, /for ever/)
    assert.match((await later(21, 'prune')).out, /Removed 1 incidents, 0 responses and 0 files/)
    const told = JSON.parse((await holdfast(['audit', 'search', '--type', 'incident_pruned', '--json'], 'eva', folder)).out)
    assert.deepEqual([told.events[0].data.incidents, told.events[0].data.by], [[kept], 'system:cli:eva'])
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
