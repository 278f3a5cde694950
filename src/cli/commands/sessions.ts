/** `holdfast sessions`: who is signed in, and how to end it. */
import type { Browser, Session } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { withUser, type Found } from '../named-user.ts'
import { instant, table } from '../table.ts'

export const sessions: Command = {
  name: 'sessions',
  what: 'List and end sessions',
  actions: [
    {
      name: 'list',
      args: ['LOGIN'],
      what: 'The living sessions of a user, the latest used first, and the devices that remember them',
      run: (call) =>
        withUser(call, async ({ accounts, user }) => {
          const found = await accounts.sessions.list(user.id, call.io.now())
          const browsers = await accounts.browsers.list(user.id, call.io.now())
          return done(`${describe(found)}${describeBrowsers(browsers)}`, { sessions: found.map(visible), browsers })
        }),
    },
    {
      name: 'end',
      args: ['LOGIN', '[ID]'],
      what: 'End one session, or what a device remembers, by its id; or all of them',
      options: { all: { type: 'boolean', what: 'All sessions of the user' } },
      run: (call) => withUser(call, (found) => end(call, found)),
    },
  ],
}

async function end(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const session = call.args[1]
  if ((session === undefined) !== call.flag('all')) throw new Refusal(2, 'Name one session by its id, or give --all.')
  if (session === undefined) {
    const ended = await accounts.sessions.endAll(user.id, CLI)
    return done(`Ended ${ended} ${ended === 1 ? 'session' : 'sessions'}.`, { ended })
  }
  if (await accounts.sessions.end(user.id, session, CLI)) return done('Ended 1 session.', { ended: 1 })
  if (await accounts.browsers.end(user.id, session, CLI)) return done('That device remembers them no more.', { ended: 1 })
  return refused('unknown-session', `${shown(user.login)} has no living session ${shown(session)}.`)
}

/** What the application keeps in a session is its own concern, and how long it may be idle is not known here. */
function visible(session: Session): object {
  const { data: _, version: __, idleAt: ___, ...rest } = session
  return rest
}

function describe(found: readonly Session[]): string {
  if (found.length === 0) return 'No session.'
  const rows = found.map(({ id, createdAt, seenAt, proofs, address, userAgent }) => [
    id,
    instant(createdAt),
    instant(seenAt),
    proofs.map(({ door }) => door).join(', '),
    address,
    userAgent,
  ])
  return table(['SESSION', 'SINCE', 'LAST USED', 'BY', 'ADDRESS', 'BROWSER'], rows)
}

function describeBrowsers(found: readonly Browser[]): string {
  if (found.length === 0) return ''
  const rows = found.map(({ id, kind, createdAt, expiresAt, address, userAgent }) => [
    ...[id, kind === 'remember' ? 'stays signed in' : 'no code asked', instant(createdAt), instant(expiresAt)],
    ...[address, userAgent],
  ])
  return `\n\n${table(['DEVICE', 'WHAT', 'SINCE', 'UNTIL', 'ADDRESS', 'BROWSER'], rows)}`
}
