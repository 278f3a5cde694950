/** The script that does the work which is asked for while sign-ins fail everywhere; see `challenging.ts`. */
import { challengeScript } from '../../../console/challenge-script.ts'
import { answer } from '../../../engine/reply.ts'
import { challengePath, readChallenge } from '../challenge-options.ts'
import { defineDoor } from './door.ts'

const SCRIPT = answer(
  200,
  {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  },
  challengeScript,
)

export const challenge = defineDoor({
  name: 'challenge',
  read: (_, base) => readChallenge(base.challenge),
  paths: (_, base) => [{ path: challengePath(base), open: true }],
  start: (desk) => ({ pages: { [challengePath(desk.options)]: { show: () => SCRIPT } } }),
})
