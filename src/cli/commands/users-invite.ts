/** `holdfast users invite`: asks somebody to come, by a letter that the application sends. */
import { MAKE_ADMINISTRATOR, makeAdministrator } from '../../accounts/approvals/kit.ts'
import { readAddress } from '../../accounts/addresses/addresses.ts'
import type { Invited } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, type Action, type Call, type Outcome } from '../command.ts'
import { askerOf, askInstead, SECOND_PERSON } from '../second-person.ts'
import { instant } from '../table.ts'

const PROBLEMS: Readonly<Record<Extract<Invited, { ok: false }>['reason'], string>> = {
  closed: `The application takes no invitations: signIn.signUp is 'closed'.`,
  'no-mail': 'The application sends no mail.',
  'address-invalid': 'That is no address of mail: ada@app.example, in ASCII.',
  'name-invalid': 'That cannot be a name: 1 to 200 characters on one line.',
  'unknown-tenant': 'There is no such tenant.',
  'role-unknown': 'A role is not known to the application.',
  'not-permitted': 'Who invites may not.',
  'approval-required': 'This needs a second person.',
  'role-not-held': 'Who invites does not have these roles.',
  'too-many': 'This address got three letters in the last hour, or 200 invitations were sent today. Wait.',
}

export const inviteUser: Action = {
  name: 'invite',
  args: ['ADDRESS'],
  what: 'Invite somebody by a letter that the running application sends; good for seven days',
  options: {
    role: { type: 'string', multiple: true, value: 'ROLE', what: 'A role; may be given more than once' },
    name: { type: 'string', value: 'NAME', what: 'What to call them; they may write another name' },
    ...SECOND_PERSON,
  },
  run: invite,
}

async function invite(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  const [address, roles, name] = [call.args[0]!, call.list('role') ?? [], call.option('name')]
  return await withAccounts(call, { make: false, letters: true }, async (accounts) => {
    const { asker } = await askerOf(call, accounts)
    const made = await accounts.invitations.create({ address, roles, name, invitedBy: CLI, asker })
    const params = makeAdministrator(readAddress(address)?.key ?? '', [...new Set(roles)].toSorted().join(' '))
    if (!made.ok && made.reason === 'approval-required')
      return await askInstead(call, accounts, { ...(asker && { asker }), act: MAKE_ADMINISTRATOR, params })
    if (!made.ok) return refused(made.reason, PROBLEMS[made.reason])
    const { invitation } = made
    return done(`Invited ${shown(invitation.address)}, until ${instant(invitation.expiresAt)}.`, { invitation })
  })
}
