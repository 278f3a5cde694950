/** The page that keeps an account which is being deleted, by the link of the letter or after a full proof. It signs nobody in. */
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { defineDoor } from './door.ts'

const at = (path: string) => `${path}/keep-account`

export const keepAccount = defineDoor({
  name: 'keepAccount',
  // Also without mail: who proves who they are during the grace is led here.
  read: () => ({}),
  paths: (_, { path, mail }) => [{ path: at(path), open: true, ...(mail && { link: 'keep-account' as const }) }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'keepAccount',
      what: 'Keeps an account that is being deleted, by the token of the link that its owner was sent, or led to after signing in.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: DONE, 410: { what: 'The link is over.' } },
    },
  ],
  start(desk) {
    const { deletions } = desk.accounts
    const action = at(desk.options.path)
    return {
      pages: {
        [action]: linkPage(desk, {
          action,
          title: 'Keep your account?',
          words: ['It is to be deleted. Everything in it is still there; what was signed in stays signed out.'],
          button: 'Keep it',
          read: (token) => deletions.read(token),
          act: (x, token) => deletions.keep(token, originOf(x)),
          done: {
            title: 'Your account stays',
            words: ['Sign in now. If you did not ask for its deletion, choose another password at once.'],
          },
        }),
      },
    }
  },
})
