/**
 * The kit's own doors: sign in, the second factor, prove it again, sign out, and the first administrator. Pages without JavaScript, and JSON.
 * Stops login forms that tell who has an account, that keep a planted session, that send people off to other sites.
 * Source: OWASP Authentication Cheat Sheet; OWASP ASVS 5.0 chapter 6; OWASP Unvalidated Redirects and Forwards Cheat Sheet.
 */
import { Accounts } from '../../accounts/types.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { invalid } from '../../engine/options.ts'
import { deny } from '../../engine/reply.ts'
import { Session } from '../session/slot.ts'
import type { Desk, Door } from './desk.ts'
import { doorAgain } from './door-again.ts'
import { doorFactor } from './door-factor.ts'
import { doorIn } from './door-in.ts'
import { doorOut } from './door-out.ts'
import { doorSetUp } from './door-set-up.ts'
import { createEnforcement } from './enforce.ts'
import { readSignInOptions, type SignInInput } from './options.ts'
import { pendingCookie } from './pending-cookie.ts'

export { kitRoutes, readSignInOptions, type SignInInput, type SignInOptions } from './options.ts'

const WRONG_METHOD = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD, POST' } })

export const signIn = defineControl({
  name: 'signIn',
  needs: [Session],
  options: (input?: SignInInput) => readSignInOptions(input) ?? invalid('signIn', input, 'Give an object of options.'),
  start(setting) {
    const { options, emit } = setting
    const accounts = setting.use(Accounts)
    const enforcement = createEnforcement(options, accounts, emit)
    const desk: Desk = { options, accounts, emit, waiting: pendingCookie(setting.site), enforcement }

    let closed = false
    /** Once there is a user set-up stays closed, so the database is not asked again. */
    async function setUpIsOpen(): Promise<boolean> {
      if (closed) return false
      const open = await accounts.setUp.open()
      closed = !open
      return open
    }

    const doors = new Map<string, Door>([
      [options.path, doorIn(desk, setUpIsOpen)],
      [options.againPath, doorAgain(desk)],
      [options.factorPath, doorFactor(desk)],
      [options.signOutPath, doorOut(desk)],
      [options.setUpPath, doorSetUp(desk, setUpIsOpen)],
    ])

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      const door = doors.get(x.path)
      if (door === undefined) return enforcement.decide(x)
      if (x.method === 'GET' || x.method === 'HEAD') return door.show(x)
      return x.method === 'POST' ? door.act(x) : WRONG_METHOD
    }

    return { enter }
  },
})
