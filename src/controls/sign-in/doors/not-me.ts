/** The page of the link "this was not me" of a security notice: what happened, and a button. It lets nobody in. Source: OWASP ASVS 5.0 6.3.5. */
import { deny } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { originOf } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { recoveryPaths } from '../recovery-options.ts'
import { defineDoor } from './door.ts'

const at = (path: string) => `${path}/not-me`

export const notMe = defineDoor({
  name: 'notMe',
  // Without recovery nobody could come back afterwards.
  read: ({ recovery }, { mail }) => (mail && recovery !== false ? {} : undefined),
  paths: (_, { path }) => [{ path: at(path), open: true, link: 'not-me' }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'sayNotMe',
      what: 'Says of a notice that it was somebody else: all sessions, keys and apps end, and the password is void until it is recovered.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: DONE, 410: { what: 'The link is over.' }, 503: { what: 'Too much is being hashed.' } },
    },
  ],
  start(desk) {
    const { notMe: door } = desk.accounts.doors
    const action = at(desk.options.path)
    return {
      pages: {
        [action]: linkPage(desk, {
          action,
          title: 'Was this not you?',
          words: [
            'Then close the account to whoever it was: all sessions, keys and apps end, what was added lately goes, and the password is void. You get in again with a new password, by a letter to your address.',
            'If it was you, close this page: nothing has changed.',
          ],
          button: 'It was not me',
          style: 'danger',
          read: (token) => door.read(token),
          async act(x, token) {
            const done = await door.act(token, originOf(x))
            if (done.ok || done.reason === 'void') return done.ok
            return deny(503, 'busy', { head: { 'retry-after': String(done.retryAfter) } })
          },
          done: {
            title: 'The account is closed to others',
            words: [
              'The password is void now. A letter to your address lets you choose a new one.',
              'Keys, passkeys and other ways to sign in that were added lately are gone; a letter says so. Look at what is left, and take away what you do not know.',
            ],
            way: { path: recoveryPaths(desk.options).ask, label: 'Ask for a new password' },
          },
        }),
      },
    }
  },
})
