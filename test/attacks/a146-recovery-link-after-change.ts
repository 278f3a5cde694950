import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { NEW_PASSWORD, postForm, reachableMember, recoveryLink } from '../support/recovery.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const

/** What happens while the letter lies in a mailbox that others may read. */
const CHANGES: readonly ((app: TestApp, userId: string) => Promise<unknown>)[] = [
  ({ holdfast }, id) => holdfast.accounts.users.setAddress(id, 'new@mail.example', SYSTEM, { verified: true }),
  ({ holdfast }, id) => holdfast.accounts.users.disable(id, SYSTEM),
  async ({ holdfast }, id) => {
    await holdfast.accounts.users.disable(id, SYSTEM)
    await holdfast.accounts.users.enable(id, SYSTEM)
  },
  async (app, id) => recoveryLink(app, (await app.holdfast.accounts.users.byId(id))!.login),
  async (app) => app.clock.advance(1_800_000),
]

export default defineAttack({
  id: 'A146b',
  title:
    'reads an old mailbox, and sets a password by a link from before the address, the user or the link was another (L35, L36)',
  control: 'signIn',
  without: { heldBy: 'design', why: 'the link is bound to the address and ends with it; no option keeps it' },
  async succeeds(app) {
    for (const [index, change] of CHANGES.entries()) {
      const login = `victim-${index}`
      const { userId } = await reachableMember(app, login)
      const { token } = await recoveryLink(app, login)
      await change(app, userId)
      await postForm(app, '/login/recover/password', { token, password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD })
      await app.holdfast.accounts.users.enable(userId, SYSTEM)
      if (cookieOf(await signInByForm(app, login, { password: NEW_PASSWORD })) !== undefined) return true
    }
    return false
  },
})
