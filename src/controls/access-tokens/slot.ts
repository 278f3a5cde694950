/** What other controls may know of the access token that a request came with. */
import { slot } from '../../engine/exchange.ts'

/** A token that is valid and accepted here. A browser never sends it by itself. */
export interface AccessToken {
  /** Public id of the app. */
  readonly app: string
  /** What the app calls itself. */
  readonly client: string
}

/** Absent when the request came with none. */
export const AccessToken = slot<AccessToken>('access-token')
