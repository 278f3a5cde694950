/** What other controls may know of the API key that a request came with. */
import { slot } from '../../engine/exchange.ts'

/** A key that is valid and accepted here. */
export interface ApiKey {
  /** Public name. */
  readonly id: string
  /** A browser sends `Basic` by itself to a site that asked for it once, also for pages of other sites; `Bearer` never. */
  readonly scheme: 'bearer' | 'basic'
  /** Its own limit, in place of the one for every user. */
  readonly perMinute: number | undefined
}

/** Absent when the request came with none. */
export const ApiKey = slot<ApiKey>('api-key')
