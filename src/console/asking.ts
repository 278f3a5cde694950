/**
 * What a refusal hands to who may ask a second person: the act with its parameters, sealed for this user, for an hour. So that nobody makes up a
 * question that no route of the application would ask, in words of their own.
 */
import type { ApprovalParams } from '../accounts/types.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { slot } from '../engine/exchange.ts'

export interface Wanted {
  readonly act: string
  readonly params: ApprovalParams
}

export interface Asking {
  seal(wanted: Wanted, userId: string): string
  /** `undefined` for what is too old, of somebody else, or not ours. */
  read(request: string, userId: string): Wanted | undefined
}

/** How the desk of approvals finds it. */
export const Asking = slot<Asking>('asking')

const PURPOSE = 'console/approval-request'
const LIFE = 3_600_000
const LONGEST = 32_000

export function createAsking(keys: Pick<KeyRing, 'seal' | 'open'>, now: () => number): Asking {
  return {
    seal: ({ act, params }, userId) => keys.seal(PURPOSE, JSON.stringify({ act, params, until: now() + LIFE }), [userId]),
    read(request, userId) {
      if (request === '' || request.length > LONGEST) return undefined
      const opened = keys.open(PURPOSE, request, [userId])
      if (!opened.ok) return undefined
      const { act, params, until } = JSON.parse(opened.plaintext.toString()) as Wanted & { readonly until: number }
      return now() < until ? { act, params } : undefined
    },
  }
}
