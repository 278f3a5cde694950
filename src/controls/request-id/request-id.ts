/**
 * A name for each request: in the log, in the answer and on error pages, so that a report from outside finds its line.
 * Stops forged or colliding ids: a client that chooses the id can hide in another request's lines, or write its own into the log.
 * Source: OWASP Logging Cheat Sheet ("interaction identifier"), CWE-117.
 */
import { defineControl } from '../../engine/control.ts'
import { RequestId } from '../../engine/facts.ts'
import { withDefaults } from '../../engine/options.ts'
import { isToken } from '../../http/field.ts'
import { TrustedPeer } from '../client/slot.ts'

const HEADER = 'x-request-id'
const BYTES = 16
const LONGEST = 128

export const requestId = defineControl({
  name: 'requestId',
  needs: [TrustedPeer],
  gives: [RequestId],

  /** There are none: an id that can be configured away helps nobody. */
  options: (input: Readonly<Record<string, never>> | undefined) => withDefaults('requestId', {}, input),

  start({ random }) {
    return {
      enter(x) {
        const given = x.need(TrustedPeer) ? x.header(HEADER) : undefined
        const id = given !== undefined && given.length <= LONGEST && isToken(given) ? given : random(BYTES)
        x.set(RequestId, id)
        x.head.set(HEADER, id)
      },
    }
  },
})
