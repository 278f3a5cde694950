/**
 * Administrative acts fail closed: with an audit log that cannot be written none of them happens, and nothing of it is left. Runs over
 * every type of that class, so that a new one is either here or has its reason below.
 */
import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { after, describe, it } from 'node:test'
import { sql } from 'kysely'
import { fixture } from '../src/accounts/fixture.contract.ts'
import { randomToken } from '../src/crypto/random.ts'
import { createBus } from '../src/engine/bus.ts'
import { ADMINISTRATIVE } from '../src/engine/event-classes.ts'
import { EVENTS, type EventType } from '../src/engine/events.ts'
import { createIntake } from '../src/observe/audit/intake.ts'
import type { Database } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'
import { sqlStore } from '../src/store/sql-atomic.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { createTimeline } from '../src/observe/incidents/timeline.ts'
import { observeMigrations } from '../src/observe/migrations.ts'
import type { Surroundings } from '../src/recorded/surroundings.ts'
import { createResponding } from '../src/services/responding.ts'
import { followResponses, STARRED_ACTS } from '../src/services/responding-approvals.ts'
import { ACCOUNT_ACTS } from './support/acts/accounts.ts'
import type { Act, ActWorld } from './support/acts/act.ts'
import { RESPONSE_ACTS } from './support/acts/responses.ts'
import { MARKED, SECOND_PERSON_ACTS } from './support/acts/second-person.ts'

/** These have no transaction of ours that they could stop, or are tried elsewhere. */
const ELSEWHERE: Partial<Record<EventType, string>> = {
  authn_password_wrap: 'puts a stronger hash over what is there, in batches: it changes what nobody may',
  sys_insecure_setting: 'said at start-up: the options are what they are',
  sys_monitor_disabled: 'says that there is no log',
  key_created: 'made when the first token is: no person acts',
  key_scheduled: 'src/cli/commands/audit.test.ts',
  key_retired: 'src/cli/commands/audit.test.ts',
  audit_read: 'src/cli/commands/audit.test.ts',
  audit_exported: 'src/cli/commands/audit.test.ts',
  audit_redacted: 'part of the transaction that blanks: src/observe/audit/log.contract.ts',
  audit_pruned: 'part of the transaction that removes: src/observe/audit/log.contract.ts',
  incident_pruned: 'part of the transaction that removes: src/observe/incidents/retain.contract.ts',
  incident_evidence_pruned: 'part of the transaction that removes: src/observe/incidents/retain.contract.ts',
  sys_audit_began: 'said by the log itself',
  sys_audit_dropped: 'said by the log itself',
  sys_audit_sealed: 'said by the log itself',
  sys_audit_broken: 'said by the log itself',
}

const OWN = 'a user enrols a factor, which ends what had one proof alone: a log that is full must not keep it open'
const LOG = 'said by the log itself'
const START = 'said at start-up: the options are what they are'
/** Administrative by their type, and told with a plain emit there: not by who administers, or with nothing to stop. */
const TOLD_AFTER: Readonly<Record<string, string>> = {
  'authn_password_wrap src/accounts/credentials.ts': 'in batches, over what is there; see above',
  'authn_token_created src/accounts/tokens/access-tokens.ts': 'a sign-in of an app, by its user',
  'key_created src/accounts/tokens/signing-keys.ts': 'made when it is needed; see above',
  'key_created src/holdfast.ts': 'the ring, at the first start',
  'session_ended src/accounts/factors/factors.ts': OWN,
  'session_ended src/accounts/factors/mail-factor.ts': OWN,
  'session_ended src/accounts/gate.ts': 'by a sign-in of the same user: the session it replaces, or is one too many',
  'session_ended src/accounts/identities/logouts.ts': 'the provider signs its user out: a log that is full must not keep them in',
  'session_ended src/accounts/passkeys/passkeys.ts': OWN,
  'session_ended src/accounts/sessions/sessions.ts': 'signing out by oneself: a log that is full must not keep a session alive',
  'session_ended src/accounts/tokens/access-tokens.ts': 'the session became the app that its user signs in with',
  'sys_audit_began src/observe/audit/log.ts': LOG,
  'sys_audit_broken src/observe/audit/checkpoints.ts': LOG,
  'sys_audit_dropped src/observe/audit/writer.ts': LOG,
  'sys_audit_sealed src/observe/audit/checkpoints.ts': LOG,
  'sys_insecure_setting src/controls/sign-in/doors/flask-session.ts': START,
  'sys_insecure_setting src/holdfast.ts': START,
  'sys_insecure_setting src/services/mailing.ts': START,
  'sys_monitor_disabled src/services/auditing.ts': START,
  'sys_monitor_disabled src/observe/detecting/runtime.ts': START,
}

const ACTS: readonly Act[] = [...ACCOUNT_ACTS, ...SECOND_PERSON_ACTS, ...RESPONSE_ACTS]

describe('an administrative act', () => {
  const opened: Database[] = []
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-audit-acts-'))
  after(async () => {
    for (const database of opened) await database.close()
    rmSync(folder, { recursive: true })
  })

  async function world() {
    const database = sqlite()
    opened.push(database)
    await migrate(database, observeMigrations)
    const onFault = (error: unknown): void => {
      throw error
    }
    const bus = createBus(Date.now, onFault)
    const intake = createIntake(randomToken)
    bus.recordWith((tx, event) => intake.record(tx, event))
    const timeline = createTimeline(randomToken, () => f.clock.now)
    const f = await fixture(async () => database, {
      emit: bus.emitter('accounts'),
      impersonation: { life: 1_800_000, write: false },
      roles: { admin: ['*'], member: ['notes:read'] },
      signUp: { mode: 'invitation', roles: [], login: 'name' },
      approval: { acts: [MARKED], starred: STARRED_ACTS, life: 3_600_000, use: 3_600_000 },
      followApproval: followResponses(timeline),
    })
    const now = () => f.clock.now
    const { accounts, keys } = f
    const responding = createResponding({
      ...{ database, once: sqlStore(database), accounts, keys, announcements: undefined, timeline, now, random: randomToken },
      ...{ emit: bus.emitter('responses'), onFault, keep: 0, surroundings: SURROUNDINGS, folder },
      source: { name: 'nothing', find: async () => ({ events: [], complete: true }) },
    })
    const told: EventType[] = []
    bus.on(({ type }) => void told.push(type))
    return { f: { ...f, responding } satisfies ActWorld, database, told }
  }

  for (const { title, types, prepare } of ACTS) {
    it(`${title}: not without its record, and with it once`, async () => {
      const { f, database, told } = await world()
      const run = await prepare(f)
      await sql`DELETE FROM hf_audit_intake`.execute(database.kysely)
      await sql`ALTER TABLE hf_audit_intake RENAME TO gone`.execute(database.kysely)
      const before = await everything(database)
      told.length = 0
      await assert.rejects(run(), /hf_audit_intake/)
      assert.deepEqual(await everything(database), before)
      assert.equal(told.join(' '), '', 'nothing is told of what did not happen')
      await sql`ALTER TABLE gone RENAME TO hf_audit_intake`.execute(database.kysely)
      await run()
      const rows = await database.kysely.selectFrom('hf_audit_intake').select('body').execute()
      const recorded = rows.map(({ body }) => (JSON.parse(body as string) as { type: EventType }).type)
      for (const type of types) {
        assert.ok(recorded.includes(type), `${type} is recorded: ${recorded.join(' ')}`)
        assert.ok(told.includes(type), `${type} is told`)
      }
    })
  }

  it('is told by no plain emit, or what is told so has a reason', () => {
    const found = new Set<string>()
    for (const file of globSync('src/**/*.ts')) {
      if (/\.(?:test|contract)\.ts$/.test(file)) continue
      // Of a call that reports in place: the type, or the two of a condition.
      for (const [, types] of readFileSync(file, 'utf8').matchAll(/\b\w*[eE]mit\(\s*\{\s*type:([^,}]+)/g))
        for (const [, type] of types!.matchAll(/'(\w+)'/g))
          if (ADMINISTRATIVE.includes(type as EventType)) found.add(`${type} ${file.split(sep).join('/')}`)
    }
    assert.deepEqual([...found].toSorted(), Object.keys(TOLD_AFTER).toSorted())
  })

  it('is of that class by its name: keys, roles, exports, sessions that others end, responses, second persons', () => {
    const named =
      /^(?:key|audit|tenant|response|authz_approval|authn_impersonation|authn_break_glass|user)_|^authn_invit|_exported$|^(?:authz_change|session_ended|incident_changed)$|^authn_token_(?:created|revoked)$/
    const others = (Object.keys(EVENTS) as EventType[]).filter((type) => named.test(type) && !ADMINISTRATIVE.includes(type))
    // Nobody acted; a sign-in; a sign-in.
    assert.deepEqual(others.toSorted(), ['authn_break_glass_opened', 'response_held', 'user_deletion_offered'])
  })

  it('of every type is tried here, or has a reason not to be', () => {
    const tried = new Set<EventType>(ACTS.flatMap(({ types }) => types))
    assert.deepEqual(
      ADMINISTRATIVE.filter((type) => !tried.has(type) && ELSEWHERE[type] === undefined),
      [],
    )
    assert.deepEqual(
      Object.keys(ELSEWHERE).filter((type) => tried.has(type as EventType)),
      [],
    )
  })
})

const SURROUNDINGS: Surroundings = {
  ...{ site: 'https://app.example', proxies: [], own: [], doors: [], spared: [], features: {}, limits: [], open: [] },
  ...{ enforced: true, automaticPerHour: 10, keepIncidents: null, hash: '', controls: [], startedAt: 0 },
}

/** All rows of all tables, but of what counts attempts. */
async function everything(database: Database): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('hf_rate', 'hf_value')
    ORDER BY name`.execute(database.kysely)
  const tables: string[] = []
  for (const { name } of rows) {
    const found = await sql`SELECT * FROM ${sql.table(name)}`.execute(database.kysely)
    tables.push(`${name} ${JSON.stringify(found.rows)}`)
  }
  return tables.join('\n')
}
