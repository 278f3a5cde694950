/** The page of the link that gives an account the address back that it had before. It signs nobody in. Source: OWASP ASVS 5.0 6.3.7. */
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { movedOr } from '../moved.ts'
import { recoveryPaths } from '../recovery-options.ts'
import { defineDoor } from './door.ts'

const at = (path: string) => `${path}/undo-address`

export const undoAddress = defineDoor({
  name: 'undoAddress',
  // Without recovery nobody could come back afterwards.
  read: ({ recovery }, { mail }) => (mail && recovery !== false ? {} : undefined),
  paths: (_, { path }) => [{ path: at(path), open: true, link: 'undo-address' }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'undoNewAddress',
      what: 'Gives the account the address back that the letter went to, ends all sessions, and makes the password void.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: {
        200: DONE,
        409: { what: 'Another account has it by now.' },
        410: { what: 'The link is over.' },
        503: { what: 'Too much is being hashed.' },
      },
    },
  ],
  start(desk) {
    const { changeAddress: door } = desk.accounts.doors
    const action = at(desk.options.path)
    return {
      pages: {
        [action]: linkPage(desk, {
          action,
          title: 'Have your address back?',
          words: [
            'All sessions and keys of the account end, and its password is void: choose a new one with a letter to this address.',
          ],
          button: 'Give it back',
          style: 'danger',
          read: (token) => door.read('undo-address', token),
          act: async (x, token) => movedOr(desk, x, await door.undo(token, originOf(x))),
          done: {
            title: 'You have your address back',
            words: ['The password is void now. A letter to this address lets you choose a new one.'],
            way: { path: recoveryPaths(desk.options).ask, label: 'Ask for a new password' },
          },
        }),
      },
    }
  },
})
