/** `holdfast apps`: which apps are signed in with tokens, and how to end it. */
import type { App } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, type Call, type Command, type Outcome } from '../command.ts'
import { withUser, type Found } from '../named-user.ts'
import { instant, table } from '../table.ts'

export const apps: Command = {
  name: 'apps',
  what: 'List and end apps that are signed in with tokens',
  more: 'All of them end with the sessions, too: holdfast sessions end LOGIN --all.',
  actions: [
    {
      name: 'list',
      args: ['LOGIN'],
      what: 'The apps of a user, the latest used first',
      run: (call) =>
        withUser(call, async ({ accounts, user }) => {
          const found = await accounts.tokens.list(user.id, call.io.now())
          return done(describe(found), { apps: found })
        }),
    },
    {
      name: 'end',
      args: ['LOGIN', 'APP'],
      what: 'End one app by its id, with all its tokens',
      run: (call) => withUser(call, (found) => end(call, found)),
    },
  ],
}

async function end(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const app = call.args[1]!
  if (await accounts.tokens.end(user.id, app, CLI)) return done('Ended 1 app.', { ended: 1 })
  return refused('unknown-app', `${shown(user.login)} has no living app ${shown(app)}.`)
}

function describe(found: readonly App[]): string {
  if (found.length === 0) return 'No app.'
  const rows = found.map(({ id, client, scopes, createdAt, seenAt, address }) => [
    ...[id, client, scopes.join(' '), instant(createdAt), instant(seenAt), address],
  ])
  return table(['APP', 'NAME', 'MAY', 'SINCE', 'LAST USED', 'ADDRESS'], rows)
}
