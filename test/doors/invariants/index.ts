/** THE LIST of invariants as tests, one for each line of `INVARIANTS`. */
import type { Invariant } from '../invariant.ts'
import { deleted } from './deleted.ts'
import { disabled } from './disabled.ts'
import { event } from './event.ts'
import { expired } from './expired.ts'
import { fixation } from './fixation.ts'
import { locked } from './locked.ts'
import { origin } from './origin.ts'
import { parity } from './parity.ts'
import { secondFactor } from './second-factor.ts'
import { secrets } from './secrets.ts'
import { singleUse } from './single-use.ts'
import { throttled } from './throttled.ts'
import { unverified } from './unverified.ts'

export const invariants: readonly Invariant[] = [
  ...[
    locked,
    throttled,
    disabled,
    deleted,
    unverified,
    expired,
    secondFactor,
    parity,
    fixation,
    singleUse,
    event,
    origin,
    secrets,
  ],
]
