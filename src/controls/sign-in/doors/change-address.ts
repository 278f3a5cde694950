/** The page of the link that gives an account another address of mail. It signs nobody in. Source: OWASP ASVS 5.0 6.3.7; L28. */
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { movedOr } from '../moved.ts'
import { defineDoor } from './door.ts'

const at = (path: string) => `${path}/change-address`

export const changeAddress = defineDoor({
  name: 'changeAddress',
  read: (_, { mail }) => (mail ? {} : undefined),
  paths: (_, { path }) => [{ path: at(path), open: true, link: 'change-address' }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'confirmNewAddress',
      what: 'Gives the account the address that the link went to.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: DONE, 409: { what: 'Another account has it.' }, 410: { what: 'The link is over.' } },
    },
  ],
  start(desk) {
    const { changeAddress: door } = desk.accounts.doors
    const action = at(desk.options.path)
    return {
      pages: {
        [action]: linkPage(desk, {
          action,
          title: 'Is this your address?',
          words: ['From then on letters about your account go there, and you are signed out in other browsers.'],
          button: 'Make it my address',
          read: (token) => door.read('change-address', token),
          act: async (x, token) => movedOr(desk, x, await door.confirm(token, originOf(x))),
          done: {
            title: 'Your address is changed',
            words: ['The one before got a letter, with which this can be taken back for a week.'],
          },
        }),
      },
    }
  },
})
