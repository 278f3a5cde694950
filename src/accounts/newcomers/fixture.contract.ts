/** What the contracts of newcomers share. */
import assert from 'node:assert/strict'
import { Secret } from '../../crypto/secret.ts'
import type { AccountsSetting } from '../accounts.ts'
import { CLI, fixture, from, PASSWORD, type Open } from '../fixture.contract.ts'
import type { NewInvitation, SignUpPolicy } from './types.ts'

export const DAY = 86_400_000
export const ADA = 'ada@example.org'
export const ROLES = { admin: ['*'], host: ['users:invite', 'notes:*'], member: ['notes:read'], auditor: [] }

export function newcomers(open: Open) {
  return async function start(policy: Partial<SignUpPolicy> = {}, setting: Partial<AccountsSetting> = {}) {
    const signUp: SignUpPolicy = { mode: 'open', roles: ['member'], login: 'address', ...policy }
    const f = await fixture(open, { roles: ROLES, signUp, ...setting })
    const { signUp: door, invitation, verifyAddress } = f.accounts.doors
    const asked = async (address = ADA, network = '192.0.2.7') => {
      assert.deepEqual(await door.ask(address, from(network)), { ok: true })
      return f.tokenOf(await f.letters(), 'sign-up')
    }
    const account = (token: string, more: object = {}) => ({
      ...{ token, login: '', name: 'Ada', password: new Secret(PASSWORD) },
      ...more,
    })
    const invited = async (more: Partial<NewInvitation> = {}) => {
      const made = await f.accounts.invitations.create({ address: ADA, roles: ['member'], invitedBy: CLI, ...more })
      assert.ok(made.ok, JSON.stringify(made))
      const letters = await f.letters()
      return { ...made.invitation, token: f.tokenOf(letters, letters.at(-1)!.letter), letter: letters.at(-1)!.letter }
    }
    return { ...f, door, invitation, verifyAddress, asked, account, invited }
  }
}
