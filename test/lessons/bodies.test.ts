/** Nothing that a body says makes somebody else of who sends it: each operation of the API, with fields that other systems trusted. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { openStage, type Stage } from '../doors/stage.ts'
import { examples, type Example } from '../support/api-examples.ts'

/** Fields by which bodies of other systems were taken for calls of the server, or wrote what is not theirs to write. */
const trusted = (victim: string) => ({
  ...{ userId: victim, user_id: victim, user: victim, id: victim, owner: victim, actor: { kind: 'system', id: 'cli' } },
  ...{ role: 'admin', roles: ['admin'], isAdmin: true, permissions: ['*'], status: 'disabled', kind: 'service', aal: 2 },
  ...{ emailVerified: true, verified: true, email_verified: true, impersonatedBy: victim, activeOrganizationId: '1', orgId: '1' },
  ...{ data: { role: 'admin' }, proofs: ['mfa'], keepSession: victim, tenant: '1', disabled: true },
})

interface Left {
  readonly users: readonly string[]
  readonly sessions: readonly string[]
}

/** Who there is, and what their sessions say. Names and times differ from run to run. */
async function left({ database: { kysely } }: Stage): Promise<Left> {
  const users = await sql`SELECT u.roles, u.status, u.kind, a.address, a.verified_at IS NOT NULL AS verified
    FROM hf_users u LEFT JOIN hf_addresses a ON a.user_id = u.id ORDER BY u.created_at, u.id`.execute(kysely)
  const sessions = await sql`SELECT u.roles, s.aal, s.data, s.ended_by FROM hf_sessions s JOIN hf_users u ON u.id = s.user_id
    ORDER BY u.roles, s.aal, s.data, s.ended_by`.execute(kysely)
  return { users: sorted(users.rows), sessions: sorted(sessions.rows) }
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()

/** Sends the example of an operation, with more fields or without, and says what there is afterwards. */
async function after(name: string, more: (victim: string) => object): Promise<Left> {
  await using stage = await openStage()
  const example: Example = await examples[name]!(stage)
  const victim = await stage.signedIn('member')
  const { path, method } = operationOf(stage, name)
  const { client, sent, at = path } = example
  const json = sent === undefined && method === 'GET' ? undefined : { ...more(victim.user.id), ...(sent as object) }
  const query = method === 'GET' ? `?userId=${victim.user.id}&role=admin` : ''
  const answer = await stage.take({ method, path: `${at}${at.includes('?') ? '' : query}`, json }, client)
  assert.ok(answer.status < 500, `${answer.status} ${answer.text}`)
  assert.deepEqual(stage.faults, [])
  assert.equal(await stage.isIn(victim), true, 'The victim is signed in as before.')
  return await left(stage)
}

function operationOf({ holdfast }: Stage, name: string): { readonly path: string; readonly method: string } {
  const { paths } = holdfast.describeApi() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { operationId: string }>>>>
  }
  for (const [path, methods] of Object.entries(paths))
    for (const [method, { operationId }] of Object.entries(methods))
      if (operationId === name) return { path, method: method.toUpperCase() }
  throw new Error(`There is no operation ${name}.`)
}

/** What is there that was not there without the fields. What was refused for them leaves somebody as they were before the last step. */
function gained(plain: Left, more: Left): readonly string[] {
  const admins = ({ users }: Left) => users.filter((user) => user.includes('"roles":"admin"')).length
  return [
    ...more.users.filter((user) => !plain.users.includes(user) && !UNTOUCHED.test(user)),
    ...more.sessions.filter((session) => !plain.sessions.includes(session)),
    ...(admins(more) > admins(plain) ? ['an administrator'] : []),
  ]
}

const UNTOUCHED = /"roles":"(?:member)?","status":"active","kind":"person"/

describe('fields that other systems trusted change nothing (L69, L93, L94, L95)', () => {
  for (const name of Object.keys(examples)) {
    it(`at ${name}`, async () => {
      assert.deepEqual(gained(await after(name, () => ({})), await after(name, trusted)), [])
    })
  }

  it('and a field that was believed would be seen', async () => {
    const plain = await after('signInWithPassword', () => ({}))
    await using stage = await openStage()
    const { user } = await stage.signedIn('member')
    await stage.run(`UPDATE hf_users SET roles = 'admin' WHERE id = '${user.id}'`)
    assert.equal(gained(plain, await left(stage)).length > 0, true)
    await stage.run(`UPDATE hf_users SET roles = 'member', kind = 'service' WHERE id = '${user.id}'`)
    assert.equal(gained(plain, await left(stage)).length > 0, true)
  })
})
