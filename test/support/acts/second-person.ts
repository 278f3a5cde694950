/** What is administrative about second persons: each step of a question, and what only two may do. */
import assert from 'node:assert/strict'
import { CLI, type Fixture } from '../../../src/accounts/fixture.contract.ts'
import { on, type Act } from './act.ts'

export const MARKED = 'payout'
const PARAMS = { to: 'DE89 3704', amount: 500 }

/** Bob's question, and Ada who may say yes. */
export async function question(f: Fixture) {
  const [ada, bob] = [await f.user('ada', ['admin']), await f.user('bob')]
  const { approvals } = f.accounts
  const asker = { kind: 'user', id: bob.id } as const
  const ask = async () => {
    const asked = await approvals.ask(asker, MARKED, PARAMS, 'Invoice 7')
    assert.ok(asked.ok)
    return asked.approval
  }
  return { approvals, asker, ask, by: { operator: ada.id }, own: { operator: bob.id } }
}

/** The same, asked. */
const asked = async (f: Fixture) => {
  const all = await question(f)
  return { ...all, id: (await all.ask()).id }
}

const sealed = async (f: Fixture) => {
  const made = await f.accounts.breakGlass.create({ parts: 1 }, CLI)
  assert.ok(made.ok)
  return made
}

export const SECOND_PERSON_ACTS: readonly Act[] = [
  {
    title: 'asks for a second person',
    types: ['authz_approval_asked'],
    prepare: async (f) => (await question(f)).ask,
  },
  {
    title: 'says yes as the second person',
    types: ['authz_approval_given'],
    prepare: on(asked, ({ approvals, id, by }) => approvals.approve(id, by)),
  },
  {
    title: 'says no as the second person',
    types: ['authz_approval_declined'],
    prepare: on(asked, ({ approvals, id, by }) => approvals.decline(id, by)),
  },
  {
    title: 'takes a question back',
    types: ['authz_approval_declined'],
    prepare: on(asked, ({ approvals, id, own }) => approvals.decline(id, own)),
  },
  {
    title: 'lets a question run out',
    types: ['authz_approval_expired'],
    async prepare(f) {
      const { approvals, ask } = await question(f)
      f.clock.now = (await ask()).expiresAt
      return () => approvals.sweep(f.clock.now)
    },
  },
  {
    title: 'asks anew where a question had run out',
    types: ['authz_approval_expired', 'authz_approval_asked'],
    async prepare(f) {
      const { ask } = await question(f)
      f.clock.now = (await ask()).expiresAt
      return ask
    },
  },
  {
    title: 'uses an approval up',
    types: ['authz_approval_used'],
    async prepare(f) {
      const { approvals, asker, ask, by } = await question(f)
      await approvals.approve((await ask()).id, by)
      return () => approvals.use(undefined, asker, MARKED, PARAMS)
    },
  },
  {
    title: 'seals an account for emergencies',
    types: ['authn_break_glass_sealed'],
    prepare: async (f) => () => f.accounts.breakGlass.create({ parts: 1 }, CLI),
  },
  {
    title: 'tries the seal',
    types: ['authn_break_glass_tested'],
    prepare: on(sealed, ({ parts }, f) =>
      f.accounts.breakGlass.test(
        parts.map((part) => part.reveal()),
        CLI,
      ),
    ),
  },
  {
    title: 'ends a seal',
    types: ['authn_break_glass_revoked'],
    prepare: on(sealed, ({ seal }, f) => f.accounts.breakGlass.revoke(seal.id, CLI)),
  },
]
