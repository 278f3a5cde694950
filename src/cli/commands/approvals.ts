/** `holdfast approvals`: what waits for a second person, and their yes or no. */
import type { Approval, DecisionProblem } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { instant, table } from '../table.ts'

const AS = { type: 'string', value: 'LOGIN', what: 'Who you are; it stands in the log' } as const
const NOTE = { type: 'string', value: 'TEXT', what: 'A word to who asked' } as const

export const approvals: Command = {
  name: 'approvals',
  what: 'Show what waits for a second person, and say yes or no to it',
  more: [
    'A yes is of another person than who asked, who may "approvals:decide", and whose rights who asked did not give in the last day.',
    'The command takes your word for who you are. Where that is not enough, use the page, which asks for a proof.',
  ].join('\n'),
  actions: [
    {
      ...{ name: 'list', args: [], what: 'What waits, the latest first', run: list },
      options: { all: { type: 'boolean', what: 'What is over, too' } },
    },
    {
      ...{ name: 'approve', args: ['APPROVAL'], what: 'Say yes: who asked may do it once' },
      ...{ options: { as: AS, note: NOTE }, run: (call: Call) => decide(call, 'approve') },
    },
    {
      ...{ name: 'decline', args: ['APPROVAL'], what: 'Say no, also after a yes that was not used, or take your own back' },
      ...{ options: { as: AS, note: NOTE }, run: (call: Call) => decide(call, 'decline') },
    },
  ],
}

async function list(call: Call): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, async ({ approvals: service }) => {
    const found = await service.list({ open: !call.flag('all'), limit: 500 })
    const text = found.length === 0 ? 'Nothing waits.' : found.map(describe).join('\n\n')
    return done(text, { approvals: found })
  })
}

/** Whole: what is approved is what was read. */
function describe({ id, act, params, askedByName, reason, askedAt, expiresAt, state }: Approval): string {
  const facts = Object.entries(params).map(([name, value]) => [`  ${name}`, shown(String(value))])
  const head = `${id}  ${act}  ${state}\n  asked by ${shown(askedByName)} at ${instant(askedAt)}, until ${instant(expiresAt)}: ${shown(reason)}`
  return facts.length === 0 ? head : `${head}\n${table(['  WHAT', ''], facts)}`
}

const WORDS: Readonly<Record<DecisionProblem, string>> = {
  unknown: 'Nothing of that id waits: somebody decided, or it ran out. See holdfast approvals list --all.',
  'same-person': 'It was asked by the same person. Somebody else has to say yes.',
  'rights-given': 'Who asked gave this user their rights within the last day. Somebody else has to say yes.',
  'not-permitted': 'This user may not: it takes an active person with the permission "approvals:decide".',
  proof: 'Their proof is too old.',
}

async function decide(call: Call, what: 'approve' | 'decline'): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  const login = call.option('as')
  if (login === undefined) throw new Refusal(2, 'Say who you are: --as LOGIN.')
  return await withAccounts(call, { make: false }, async (accounts) => {
    const user = await accounts.users.byLogin(login)
    if (!user) return refused('unknown-user', `There is no user ${shown(login)}.`)
    const result = await accounts.approvals[what](call.args[0]!, { operator: user.id }, call.option('note') ?? '')
    if (!result.ok) return refused(result.reason, WORDS[result.reason])
    const words =
      what === 'approve' ? `Approved. Who asked may do it once, until ${instant(result.approval.expiresAt)}.` : 'Declined.'
    return done(words, { approval: result.approval })
  })
}
