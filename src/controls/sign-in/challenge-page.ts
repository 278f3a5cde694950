/** The script that does the work which is asked for while sign-ins fail everywhere; see `challenging.ts`. */
import { challengeScript } from '../../console/challenge-script.ts'
import { answer } from '../../engine/reply.ts'
import type { Page } from './doors/door.ts'

const SCRIPT = answer(
  200,
  {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  },
  challengeScript,
)

export const challengePage: Page = { show: () => SCRIPT }
