/** The page of the link that keeps an account which is being deleted. It signs nobody in. */
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { defineDoor } from './door.ts'

const at = (path: string) => `${path}/keep-account`

export const keepAccount = defineDoor({
  name: 'keepAccount',
  read: (_, { mail }) => (mail ? {} : undefined),
  paths: (_, { path }) => [{ path: at(path), open: true, link: 'keep-account' }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'keepAccount',
      what: 'Keeps an account that is being deleted, by the token of the link that its owner was sent.',
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
