/** `holdfast break-glass`: seals the account for the day on which nobody else gets in, tries the envelope, and says how it stands. */
import type { Seal } from '../../accounts/types.ts'
import { done, found, refused, Refusal, verdict, type Call, type Command, type Outcome } from '../command.ts'
import { askerOf, askInstead, SECOND_PERSON } from '../second-person.ts'
import { instant, table } from '../table.ts'
import { MAKE_ADMINISTRATOR, makeAdministrator } from '../../accounts/approvals/kit.ts'

export const breakGlass: Command = {
  name: 'break-glass',
  what: 'Seal an account for emergencies, and try what is in the envelope',
  more: [
    'What "create" shows is shown once: print it for an envelope, and keep that where two people have to go. It opens PATH/break-glass of the sign-in, once.',
    '"test" reads it from the terminal, or as one line of standard input with a space between two parts, and opens nothing.',
  ].join('\n'),
  actions: [
    {
      name: 'create',
      args: [],
      what: 'Seal an account, and show once what opens it',
      options: {
        two: { type: 'boolean', what: 'In two parts, for two people: it takes both' },
        role: { type: 'string', value: 'ROLE', what: 'What it may [the first role that permits everything]; for a new account' },
        ...SECOND_PERSON,
      },
      run: create,
    },
    { name: 'test', args: [], what: 'A drill: prove that it would open, without opening', run: test },
    { name: 'status', args: [], what: 'Which are sealed, when they were tried, and what is wrong', run: status },
    { name: 'revoke', args: ['SEAL'], what: 'End a seal that was not used', run: revoke },
  ],
}

async function create(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false, letters: 'where-possible' }, async (accounts) => {
    const asked = await askerOf(call, accounts)
    const role = call.option('role')
    const made = await accounts.breakGlass.create(
      { parts: call.flag('two') ? 2 : 1, ...(role !== undefined && { role }) },
      CLI,
      asked,
    )
    if (!made.ok && made.reason === 'approval-required') {
      const params = makeAdministrator(accounts.breakGlass.login, role ?? administratorOf(accounts.roles))
      return await askInstead(call, accounts, { ...asked, act: MAKE_ADMINISTRATOR, params })
    }
    if (!made.ok) return refused(made.reason, WORDS[made.reason as keyof typeof WORDS])
    const parts = made.parts.map((part) => part.reveal())
    const json = { seal: made.seal, login: made.login, parts }
    return done(envelopes(made.seal, parts), json)
  })
}

function administratorOf(roles: Readonly<Record<string, readonly string[]>>): string {
  return Object.keys(roles).find((name) => roles[name]!.includes('*')) ?? ''
}

const WORDS = {
  'login-taken': 'A user "break-glass" was made for something else. Rename or delete it first.',
  'role-unknown': 'The application has no such role.',
  'too-many': 'Five are sealed already. Revoke one first.',
} as const

/** To be printed, each part on a sheet of its own. */
function envelopes({ id, createdAt }: Seal, parts: readonly string[]): string {
  const sheets = parts.map((part, index) => {
    const which = parts.length === 1 ? '' : `, part ${index + 1} of ${parts.length}`
    return [
      '-'.repeat(60),
      `BREAK GLASS${which}`,
      `Sealed ${instant(createdAt)}, ${id}`,
      '',
      `    ${part}`,
      '',
      'It works once, and everybody is told.',
      '-'.repeat(60),
    ].join('\n')
  })
  return `${sheets.join('\n\n')}\n\nThis is shown once. Print it, seal it, and clear this screen.`
}

async function test(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  const typed = (await call.io.readPassword()).reveal().trim()
  const parts = typed.split(/\s+/)
  if (parts.length > 2) throw new Refusal(2, 'Give one part, or two with a space between; write each with dashes.')
  return await withAccounts(call, { make: false }, async ({ breakGlass: service }) => {
    if (await service.test(parts, CLI))
      return done('It would open. Nothing was opened; seal the envelope again.', { right: true })
    return found('It opens nothing: not right, used, or only one of two parts.', { right: false })
  })
}

async function status(call: Call): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, async ({ breakGlass: service }) => {
    const [seals, findings] = [await service.list(), await service.findings(true)]
    const rows = seals.map(({ id, parts, createdAt, testedAt, usedAt }) => [
      ...[id, String(parts), instant(createdAt), instant(testedAt), instant(usedAt)],
    ])
    const listed = rows.length === 0 ? 'Nothing is sealed.' : table(['SEAL', 'PARTS', 'SEALED', 'TRIED', 'USED'], rows)
    const said = findings.map(({ id, what, fix }) => `${id}: ${what}\n  ${fix}`)
    return verdict(findings.length === 0, [listed, ...said].join('\n\n'), { seals, findings })
  })
}

async function revoke(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, async ({ breakGlass: service }) => {
    const ended = await service.revoke(call.args[0]!, CLI)
    return ended ? done('It opens nothing any more.', { ok: true }) : refused('unknown', 'Nothing of that id is sealed.')
  })
}
