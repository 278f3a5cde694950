/** Administrative acts on accounts, each with what it needs beforehand. */
import assert from 'node:assert/strict'
import { Secret as Otp } from 'otpauth'
import { CLI, from, OTHER_PASSWORD, PASSWORD, type Fixture } from '../../../src/accounts/fixture.contract.ts'
import { codeOf } from '../../../src/accounts/factors/totp.ts'
import { Secret } from '../../../src/crypto/secret.ts'
import { on, type Act } from './act.ts'

const ADDRESS = 'ada@example.org'
const bob = (f: Fixture) => f.user('bob')
const signedIn = async (f: Fixture) => {
  const { id } = await bob(f)
  return { id, session: (await f.session('bob')).session }
}
const impersonating = async (f: Fixture) => {
  await f.user('root', ['admin'])
  const bob = await f.user('bob')
  const { token } = await f.session('root')
  return { bob, start: () => f.accounts.impersonation.start({ session: token.reveal(), userId: bob.id, reason: 'ticket 7' }) }
}
const tenant = async (f: Fixture) => {
  const bob = await f.user('bob')
  const made = await f.accounts.tenants.create({ name: 'Acme' }, CLI)
  assert.ok(made.ok)
  return { bob, id: made.tenant.id, tenants: f.accounts.tenants }
}
const noticed = async (f: Fixture, letter: Parameters<Fixture['tokenOf']>[1]) => {
  await f.accounts.notices.sweep(f.clock.now)
  return f.tokenOf(await f.letters(), letter)
}
const withKey = async (f: Fixture) => {
  const bob = await f.user('bob')
  const made = await f.accounts.apiKeys.create({ userId: bob.id, name: 'ci', scopes: [] }, CLI)
  assert.ok(made.ok, JSON.stringify(made))
  return { bob, key: made.key, keys: f.accounts.apiKeys }
}
const enrolled = async (f: Fixture) => {
  const bob = await f.user('bob')
  const { session, token } = await f.session('bob')
  const draft = await f.accounts.factors.begin(session, { issuer: 'Test', login: 'bob' })
  const code = codeOf(Buffer.from(Otp.fromBase32(draft.secret.reveal()).bytes), Math.floor(f.clock.now / 30_000))
  assert.ok((await f.accounts.factors.confirm({ token: token.reveal(), code }, from())).ok)
  return bob
}

export const ACCOUNT_ACTS: readonly Act[] = [
  {
    title: 'makes the first administrator',
    types: ['authn_setup', 'user_created'],
    async prepare(f) {
      const code = (await f.accounts.setUp.code())!
      return () => f.accounts.setUp.complete({ code, login: 'root', name: 'Root', password: new Secret(PASSWORD) }, from())
    },
  },
  {
    title: 'makes a user',
    types: ['user_created'],
    prepare: async (f) => () => f.accounts.users.create({ login: 'bob', roles: [], password: new Secret(PASSWORD) }, CLI),
  },
  {
    title: 'disables a user',
    types: ['user_updated', 'session_ended', 'authn_token_revoked'],
    async prepare(f) {
      const { bob } = await withKey(f)
      await f.session('bob')
      return () => f.accounts.users.disable(bob.id, CLI)
    },
  },
  {
    title: 'renames a user',
    types: ['user_updated'],
    prepare: on(bob, ({ id }, f) => f.accounts.users.setName(id, 'Robert', CLI)),
  },
  {
    title: 'gives roles',
    types: ['authz_change'],
    prepare: on(bob, ({ id }, f) => f.accounts.users.setRoles(id, ['admin'], CLI)),
  },
  {
    title: 'unlocks an account',
    types: ['authn_login_unlock'],
    prepare: on(bob, ({ id }, f) => f.accounts.users.unlock(id, CLI)),
  },
  {
    title: 'ends one session',
    types: ['session_ended'],
    prepare: on(signedIn, ({ id, session }, f) => f.accounts.sessions.end(id, session.id, CLI)),
  },
  {
    title: 'ends all sessions',
    types: ['session_ended'],
    prepare: on(signedIn, ({ id }, f) => f.accounts.sessions.endAll(id, CLI)),
  },
  {
    title: 'makes an API key',
    types: ['authn_token_created'],
    prepare: on(bob, ({ id }, f) => f.accounts.apiKeys.create({ userId: id, name: 'ci', scopes: [] }, CLI)),
  },
  {
    title: 'revokes an API key',
    types: ['authn_token_revoked'],
    prepare: on(withKey, ({ bob, key, keys }) => keys.revoke(bob.id, key.id, CLI)),
  },
  {
    title: 'revokes all API keys',
    types: ['authn_token_revoked'],
    prepare: on(withKey, ({ bob, keys }) => keys.revokeAll(bob.id, CLI)),
  },
  {
    title: 'rotates the key of tokens',
    types: ['key_rotated'],
    async prepare(f) {
      await f.accounts.tokens.published(f.clock.now)
      return () => f.accounts.tokens.rotateKey(CLI)
    },
  },
  {
    title: 'resets a second factor',
    types: ['authn_factor_removed'],
    prepare: on(enrolled, ({ id }, f) => f.accounts.factors.reset(id, CLI, 'lost')),
  },
  {
    title: 'makes a tenant',
    types: ['tenant_created'],
    prepare: async (f) => () => f.accounts.tenants.create({ name: 'Acme' }, CLI),
  },
  {
    title: 'renames a tenant',
    types: ['tenant_updated'],
    prepare: on(tenant, ({ id, tenants }) => tenants.rename(id, 'Other', CLI)),
  },
  {
    title: 'deletes a tenant',
    types: ['tenant_updated'],
    prepare: on(tenant, ({ id, tenants }) => tenants.delete(id, CLI)),
  },
  {
    title: 'adds a member',
    types: ['authz_change'],
    prepare: on(tenant, ({ id, bob, tenants }) => tenants.add(id, bob.id, ['member'], CLI)),
  },
  {
    title: 'gives roles in a tenant',
    types: ['authz_change'],
    async prepare(f) {
      const { id, bob, tenants } = await tenant(f)
      await tenants.add(id, bob.id, ['member'], CLI)
      return () => tenants.setRoles(id, bob.id, ['owner'], CLI)
    },
  },
  {
    title: 'invites',
    types: ['authn_invited'],
    prepare: async (f) => () => f.accounts.invitations.create({ address: ADDRESS, roles: ['member'], invitedBy: CLI }),
  },
  {
    title: 'takes an invitation back',
    types: ['authn_invitation_revoked'],
    async prepare(f) {
      const made = await f.accounts.invitations.create({ address: ADDRESS, roles: ['member'], invitedBy: CLI })
      assert.ok(made.ok)
      return () => f.accounts.invitations.revoke(made.invitation.id, CLI)
    },
  },
  {
    title: 'lets an invited user in to more roles',
    types: ['authn_invitation_accepted', 'authz_change'],
    async prepare(f) {
      const ada = await f.user('ada', [])
      await f.address(ada.id, ADDRESS)
      const { token: session } = await f.session('ada')
      await f.accounts.invitations.create({ address: ADDRESS, roles: ['member'], invitedBy: CLI })
      const token = f.tokenOf(await f.letters(), 'invitation-to-owner')
      return () => f.accounts.doors.invitation.join({ token, session: session.reveal() }, from())
    },
  },
  {
    title: 'begins to act as a user',
    types: ['authn_impersonation_began'],
    prepare: async (f) => impersonating(f).then(({ start }) => start),
  },
  {
    title: 'stops somebody who acts as a user',
    types: ['authn_impersonation_ended'],
    async prepare(f) {
      const { bob, start } = await impersonating(f)
      const begun = await start()
      assert.ok(begun.ok)
      return () => f.accounts.impersonation.end(bob.id, begun.session.id, CLI)
    },
  },
  {
    title: 'asks for the end of an account',
    types: ['user_deletion_asked', 'session_ended'],
    prepare: on(signedIn, ({ id }, f) => f.accounts.deletions.ask(id, { grace: 1000, from: from() })),
  },
  {
    title: 'keeps an account that was to end',
    types: ['user_deletion_stopped'],
    async prepare(f) {
      const bob = await f.user('bob')
      await f.address(bob.id, ADDRESS)
      assert.ok((await f.accounts.deletions.ask(bob.id, { grace: 1000, from: from() })).ok)
      const token = await noticed(f, 'deletion')
      return () => f.accounts.deletions.keep(token, from())
    },
  },
  {
    title: 'deletes a user',
    types: ['user_deleted'],
    prepare: on(bob, ({ id }, f) => f.accounts.deletions.remove(id, CLI)),
  },
  {
    title: 'sets the password of a user, which ends their sessions',
    types: ['authn_password_change', 'session_ended'],
    prepare: on(signedIn, ({ id }, f) => f.accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)),
  },
  {
    title: 'ends an account',
    types: ['user_deleted'],
    async prepare(f) {
      const bob = await f.user('bob')
      await f.accounts.deletions.ask(bob.id, { grace: 1000, from: from() })
      f.clock.now += 1000
      return () => f.accounts.deletions.sweep(f.clock.now)
    },
  },
  {
    title: 'takes an account back by a letter',
    types: ['authn_taken_back'],
    async prepare(f) {
      const bob = await f.user('bob')
      await f.address(bob.id, ADDRESS)
      await f.accounts.apiKeys.create({ userId: bob.id, name: 'ci', scopes: [] }, CLI)
      const token = await noticed(f, 'notice')
      return () => f.accounts.doors.notMe.act(token, from())
    },
  },
]
