/** What API keys and apps share: a detection can only hold them for a time, a person ends them. */
import type { Levers } from './levers.ts'
import { defineResponse, HOUR, type By, type Response } from './response.ts'
import { isRefused, userOf } from './targets.ts'

interface Shape {
  readonly name: string
  readonly what: string
  readonly kind: 'api-key' | 'app'
  readonly noun: string
  readonly final: string
  end(ownerId: string, id: string, by: By, levers: Levers): Promise<boolean>
}

export function heldOrEnded({ name, what, kind, noun, final, end }: Shape): Response {
  return defineResponse({
    ...{ name, what, final, subjects: [kind] },
    automatic: { most: HOUR, perDay: 5, on: 'actors' },
    async plan({ subject, automatic }, levers) {
      const owner = await userOf(subject, levers)
      if (isRefused(owner)) return owner
      const says = `${automatic ? 'Holds' : 'Ends'} the ${noun} ${subject!.value} of ${owner.login}.`
      if (!automatic) return { ok: true, says, touches: 1 }
      return { ok: true, says, touches: 1, hold: { kind: 'refuse', whom: kind, id: subject!.value } }
    },
    async act({ subject, by }, levers) {
      const owner = await userOf(subject, levers)
      if (isRefused(owner)) throw new Error(owner.says)
      return (await end(owner.id, subject!.value, by, levers)) ? 1 : 0
    },
  })
}
