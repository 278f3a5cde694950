/** What other controls may ask of the headers of one answer. */
import { slot } from '../../engine/exchange.ts'

/** Sources by directive: added to the strict ones, or with `headers.insecureCsp` in their place. */
export type CspSources = Readonly<Record<string, readonly string[] | true | false>>

/** What the page of this answer may load besides what all may. The same object for the same page: it is compiled once. */
export const MoreSources = slot<CspSources>('more-sources')
