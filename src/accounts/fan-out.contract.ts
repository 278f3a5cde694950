/** The one table, cell by cell, on every database: what happened × what ends. A new row or column is covered because it is in the table. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { randomToken } from '../crypto/random.ts'
import { insertBrowser } from './browsers/tokens.ts'
import { FAN_OUT, fanOut, type Happening } from './fan-out.ts'
import { writeMailFactor } from './factors/write.ts'
import { CLI, fixture, from, type Fixture, type Open } from './fixture.contract.ts'
import { createLinks, type LinkPurpose } from './mail/links.ts'
import { endInTenant } from './tokens/end-in-tenant.ts'
import { endKeys } from './tokens/end-keys.ts'
import type { NewSession } from './types.ts'

const DAY = 86_400_000
const LIVES = { remember: 30 * DAY, trust: 30 * DAY }
const SETTING = { browsers: LIVES, approval: { acts: ['payout'], life: DAY, use: DAY } }

/** Every purpose that a link may have, sorted: the type wants each of them once. */
const PURPOSES = Object.keys({
  ...{ 'cancel-recovery': 1, 'change-address': 1, invitation: 1, 'keep-account': 1, 'magic-link': 1, 'not-me': 1 },
  ...{ recover: 1, 'remove-factors': 1, 'sign-up': 1, 'undo-address': 1, unlock: 1, 'verify-address': 1 },
} satisfies Record<LinkPurpose, 1>).toSorted() as readonly LinkPurpose[]
/** Those that go with a delayed recovery. */
const OF_RECOVERY = ['cancel-recovery', 'remove-factors']
const WAITING = { asked_at: 1, due_at: 2, next_letter_at: 2, address_key: 'bob@app.example', ready: 0 }

/** Keys that act in a tenant: one in the one it is about, which may something there, one which may nothing, and one in another. */
const IN_TENANTS = ['elsewhere', 'there', 'there, bare']
const TENANT_ROLES = { owner: ['*'], reader: ['notes:read'] }

/** Everything that somebody may have when something happens. */
interface World {
  readonly f: Fixture
  readonly userId: string
  /** The tenant it is about. */
  readonly tenantId: string
  readonly own: NewSession
  readonly other: NewSession
  /** Opened by nothing that remembers. */
  readonly plain: NewSession
  readonly ids: Readonly<Record<'own' | 'other', string>>
}

const rows = FAN_OUT as Readonly<Record<string, Readonly<Record<string, unknown>>>>
const happenings = Object.keys(rows)
const columns = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))]

/** How each column is seen: throws unless the world is as the cell says. A column that is not here fails below. */
const probes: Readonly<Record<string, (world: World, effect: unknown, row: Readonly<Record<string, unknown>>) => Promise<void>>> =
  {
    async own({ f, own }, effect) {
      assert.equal(await stateOf(f, own), effect)
    },
    async others({ f, other, plain }, effect) {
      assert.equal(await stateOf(f, other), effect === 'end-family' ? 'end' : effect)
      assert.equal(await stateOf(f, plain), effect === 'end-family' ? 'keep' : effect)
    },
    async keys({ f, userId }, effect) {
      assert.deepEqual(await keysLeft(f, userId, ['in none']), effect === 'end' ? [] : ['in none'])
    },
    async tenantKeys({ f, userId }, effect, { keys }) {
      const stays = { end: ['elsewhere'], 'end-beyond': ['elsewhere', 'there, bare'] }[effect as string] ?? IN_TENANTS
      assert.deepEqual(await keysLeft(f, userId, IN_TENANTS), keys === 'end' ? [] : stays)
    },
    async tenantApps({ f, userId }, effect, { others }) {
      const left = (await f.accounts.tokens.list(userId, f.clock.now)).map(({ client }) => client)
      const stays = effect === 'end' ? ['elsewhere', 'in none'] : ['elsewhere', 'in none', 'there']
      assert.deepEqual(left.toSorted(), others === 'end' ? [] : stays)
    },
    async remember({ f, userId, ids }, effect) {
      const left = await browsersOf(f, userId, 'remember')
      const stays = { end: [], 'end-others': [ids.own], 'end-family': [ids.own] }[effect as string] ?? [ids.own, ids.other]
      assert.deepEqual(left.toSorted(), stays.toSorted())
    },
    async trust({ f, userId }, effect) {
      assert.equal((await browsersOf(f, userId, 'trust')).length, effect === 'end' ? 0 : 1)
    },
    async links({ f, userId }, effect, { recovery }) {
      const links = await f.database.kysely.selectFrom('hf_links').select('purpose').where('user_id', '=', userId).execute()
      const ended =
        effect === 'all' ? PURPOSES : [...((effect as readonly string[] | undefined) ?? []), ...(recovery ? OF_RECOVERY : [])]
      const left = links.map((link) => String(link['purpose']))
      assert.deepEqual(
        left.toSorted(),
        PURPOSES.filter((purpose) => !ended.includes(purpose)),
      )
    },
    async added({ f, userId }, effect) {
      const left = async (table: 'hf_passkeys' | 'hf_identities') =>
        (await f.database.kysely.selectFrom(table).select('id').where('user_id', '=', userId).execute()).map((row) => row['id'])
      for (const table of ['hf_passkeys', 'hf_identities'] as const)
        assert.deepEqual(
          (await left(table)).toSorted(),
          effect === 'remove' ? [`old-${table}`] : [`new-${table}`, `old-${table}`],
        )
      const kinds = await f.database.kysely.selectFrom('hf_factors').select('kind').where('user_id', '=', userId).execute()
      assert.equal(kinds.length, effect === 'remove' ? 0 : 1)
      const waiting = await f.accounts.approvals.list({ askedBy: `user:${userId}` })
      assert.deepEqual(
        waiting.map(({ state }) => state),
        [effect === 'remove' ? 'declined' : 'asked'],
      )
    },
    async tells({ f, userId }, effect, { added }) {
      const noted = await f.database.kysely
        .selectFrom('hf_notices')
        .select('about')
        .where('user_id', '=', userId)
        .where('about', '<>', 'key-created')
        .orderBy('about')
        .execute()
      assert.deepEqual(
        noted.map((row) => row['about']),
        effect === undefined ? (added === undefined ? [] : ['added-removed']) : [effect],
      )
    },
    async recovery({ f, userId }, effect) {
      const waiting = await f.database.kysely
        .selectFrom('hf_recoveries')
        .select('user_id')
        .where('user_id', '=', userId)
        .execute()
      assert.equal(waiting.length, effect === 'end' ? 0 : 1)
    },
  }

export function fanOutContract(name: string, open: Open, skip: string | false = false): void {
  describe(`what follows from what, on ${name}`, { skip }, () => {
    it('has a test for every column of the table', () => {
      assert.deepEqual(
        columns.filter((column) => !Object.hasOwn(probes, column)),
        [],
      )
    })

    for (const happening of happenings) {
      describe(happening, () => {
        let world: World
        before(async () => {
          world = await make(await fixture(open, { ...SETTING, tenantRoles: TENANT_ROLES }))
          await happens(world, happening as Happening)
        })
        for (const column of columns) {
          const effect = rows[happening]![column]
          it(`${column}: ${JSON.stringify(effect ?? 'keep')}`, async () =>
            await probes[column]?.(world, effect, rows[happening]!))
        }
        it('touches nothing of anybody else', async () => {
          const { f } = world
          const bystander = await f.database.kysely
            .selectFrom('hf_users')
            .selectAll()
            .where('login', '=', 'eve')
            .executeTakeFirst()
          assert.equal((await f.accounts.sessions.list(bystander!['id'] as string, f.clock.now)).length, 1)
          assert.equal((await browsersOf(f, bystander!['id'] as string, 'remember')).length, 1)
        })
      })
    }
  })
}

async function make(f: Fixture): Promise<World> {
  const { id: userId } = await f.user('bob')
  await f.user('eve')
  await f.accounts.browsers.begin('remember', (await f.session('eve')).token, from())
  const [own, other, plain] = [await f.session('bob'), await f.session('bob'), await f.session('bob')]
  await f.accounts.browsers.begin('remember', own.token, from())
  await f.accounts.browsers.begin('remember', other.token, from())
  const trusted = { kind: 'trust', userId, from: from(), now: f.clock.now, life: LIVES.trust } as const
  const links = createLinks({ database: f.database, random: randomToken, now: () => f.clock.now })
  await f.database.transaction(async (tx) => {
    await insertBrowser(tx, randomToken, trusted)
    for (const purpose of PURPOSES) await links.issue(tx, { purpose, userId, life: DAY })
    await tx
      .insertInto('hf_recoveries')
      .values({ user_id: userId, ...WAITING })
      .execute()
  })
  const tenantId = await addTokens(f, userId, plain)
  await addThings(f, userId)
  const ids = { own: await browserOf(f, own), other: await browserOf(f, other) }
  return { f, userId, tenantId, own, other, plain, ids }
}

/** Keys and apps, in no tenant, in the one it is about, and in another. */
async function addTokens(f: Fixture, userId: string, { token }: NewSession): Promise<string> {
  const { apiKeys, tenants, tokens } = f.accounts
  async function place(name: string): Promise<string> {
    const made = await tenants.create({ name }, CLI)
    assert.ok(made.ok && (await tenants.add(made.tenant.id, userId, ['reader'], CLI)).ok)
    return made.tenant.id
  }
  const [there, elsewhere] = [await place('there'), await place('elsewhere')]
  for (const [name, tenant, scopes] of [
    ['in none', undefined, []],
    ['there', there, ['notes:read']],
    ['there, bare', there, []],
    ['elsewhere', elsewhere, ['notes:read']],
  ] as const) {
    assert.ok((await apiKeys.create({ userId, name, scopes, tenant }, CLI)).ok)
    const app = { session: token.reveal(), keep: true, client: name, tenant }
    if (name !== 'there, bare') assert.ok((await tokens.begin(app, from())).ok)
  }
  return there
}

/** A way in of each kind, from long ago and from today, a factor of today beside an older passkey, and a question. */
async function addThings(f: Fixture, userId: string): Promise<void> {
  for (const [age, at] of [
    ['old', f.clock.now - 2 * DAY],
    ['new', f.clock.now],
  ] as const) {
    await f.database.kysely
      .insertInto('hf_passkeys')
      .values({
        ...{
          id: `${age}-hf_passkeys`,
          user_id: userId,
          credential_id: `${age}-${userId}`,
          public_key: 'x',
          counter: 0,
          transports: '',
        },
        ...{ aaguid: '', synced: 0, backed_up: 0, purpose: 'passkey', name: age, created_at: at, used_at: null },
      })
      .execute()
    const named = { issuer: 'https://idp.example', subject: `${age}-${userId}`, id: `${age}-hf_identities`, user_id: userId }
    await f.database.kysely
      .insertInto('hf_identities')
      .values({ ...named, provider: 'idp', shown: age, linked_at: at, used_at: null })
      .execute()
  }
  await f.database.transaction((tx) => writeMailFactor(tx, userId, f.clock.now))
  assert.ok((await f.accounts.approvals.ask({ kind: 'user', id: userId }, 'payout', {}, 'x')).ok)
}

async function happens({ f, userId, tenantId, own, ids }: World, happening: Happening): Promise<void> {
  await f.database.transaction(async (tx) => {
    await fanOut(tx, happening, userId, { own: own.session.id, family: ids.other, now: f.clock.now })
    await endKeys(tx, happening, userId, f.clock.now)
    await endInTenant(tx, happening, { userId, tenantId, permissions: new Set() }, f.clock.now)
  })
}

/** Which of these keys live on. */
async function keysLeft(f: Fixture, userId: string, names: readonly string[]): Promise<string[]> {
  const keys = await f.accounts.apiKeys.list(userId, f.clock.now)
  const left = keys.filter(({ name, status }) => status === 'active' && names.includes(name))
  return left.map(({ name }) => name).toSorted()
}

async function stateOf(f: Fixture, { token }: NewSession): Promise<'end' | 'renew' | 'keep'> {
  const found = await f.accounts.sessions.find(token.reveal(), f.clock.now)
  if (!found.ok) return 'end'
  return found.rotate ? 'renew' : 'keep'
}

async function browsersOf(f: Fixture, userId: string, kind: string): Promise<string[]> {
  const all = await f.accounts.browsers.list(userId, f.clock.now)
  return all.filter((browser) => browser.kind === kind).map(({ id }) => id)
}

async function browserOf(f: Fixture, { session }: NewSession): Promise<string> {
  const row = await f.database.kysely
    .selectFrom('hf_sessions')
    .select('browser_id')
    .where('id', '=', session.id)
    .executeTakeFirstOrThrow()
  return row['browser_id'] as string
}
