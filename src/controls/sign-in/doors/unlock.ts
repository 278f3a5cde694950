/** The end of a lock, behind the link of the letter that told of it. Source: OWASP Authentication Cheat Sheet, "Account Lockout". */
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { readRecovery, recoveryPaths, type RecoveryOptions } from '../recovery-options.ts'
import { defineDoor } from './door.ts'

export const unlock = defineDoor<RecoveryOptions>({
  name: 'unlock',
  read: ({ recovery }, base) => readRecovery(recovery, base),
  paths: (_, base) => [{ path: recoveryPaths(base).unlock, open: true, link: 'unlock' }],
  operations: (_, base) => [
    {
      method: 'post',
      path: recoveryPaths(base).unlock,
      id: 'unlock',
      what: 'Ends the lock of an account by the token of the link that its owner was sent.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: DONE, 410: { what: 'The link is not good any more.' } },
    },
  ],
  start(desk) {
    const { unlock: door } = desk.accounts.doors
    const { unlock: action, ask } = recoveryPaths(desk.options)
    return {
      pages: {
        [action]: linkPage(desk, {
          action,
          title: 'Try again?',
          words: ['Somebody tried wrong passwords for your account. If it was you, you can try again from here.'],
          button: 'Let me try again',
          read: (token) => door.read(token),
          async act(x, token) {
            const unlocked = await door.unlock({ token }, originOf(x))
            if (unlocked.ok) desk.knownDevice.hold(x, unlocked.knownDevice.reveal(), desk.accounts.knownDevices.life)
            return unlocked.ok
          },
          done: { title: 'You can try again', words: [`Sign in now. If you forgot the password, ask for a new one at ${ask}.`] },
        }),
      },
    }
  },
})
