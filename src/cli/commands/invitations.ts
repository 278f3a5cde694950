/** `holdfast invitations`: who was asked to come and has not yet, and how to take it back. */
import type { Invitation } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, type Call, type Command, type Outcome } from '../command.ts'
import { instant, table } from '../table.ts'

export const invitations: Command = {
  name: 'invitations',
  what: 'List and take back invitations',
  more: 'To invite somebody: holdfast users invite ADDRESS --role ROLE.',
  actions: [
    { name: 'list', args: [], what: 'Those that are good now, the newest first', run: list },
    { name: 'revoke', args: ['ID'], what: 'Take one back; its link is dead at once', run: revoke },
  ],
}

async function list(call: Call): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  return await withAccounts(call, { make: false }, async (accounts) => {
    const found = await accounts.invitations.list()
    return done(describe(found), { invitations: found })
  })
}

async function revoke(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  const id = call.args[0]!
  return await withAccounts(call, { make: false }, async (accounts) => {
    if (await accounts.invitations.revoke(id, CLI)) return done('Took back 1 invitation.', { revoked: 1 })
    return refused('unknown-invitation', `There is no living invitation ${shown(id)}.`)
  })
}

function describe(found: readonly Invitation[]): string {
  if (found.length === 0) return 'No invitation.'
  const rows = found.map(({ id, address, roles, invitedBy, expiresAt }) => [
    id,
    address,
    roles.join(' ') || '-',
    invitedBy,
    instant(expiresAt),
  ])
  return table(['INVITATION', 'ADDRESS', 'ROLES', 'BY', 'ENDS'], rows)
}
