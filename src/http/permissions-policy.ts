/**
 * Permissions-Policy: which powerful features the page, and frames in it, may use at all.
 * Limits what injected script or a framed third party can reach (camera, location, payment).
 * Sources: W3C Permissions Policy §5.2 and §9.2 (a structured dictionary, RFC 9651); OWASP HTTP Headers Cheat Sheet.
 */
import { parseOrigin } from './origin.ts'
import { sfString } from './structured.ts'

/** Who may use each feature: a list of `self`, `src` and origins (an empty list is nobody), or `*` for everybody. */
export type PermissionsPolicy = Readonly<Record<string, readonly string[] | '*'>>

const FEATURE = /^[a-z][a-z0-9-]*$/

/**
 * The field value, such as `camera=(), fullscreen=(self "https://video.example")`. Throws a TypeError for a name that is no
 * feature name, and for a member that is neither `self`, `src` nor a serialised origin.
 */
export function compilePermissionsPolicy(policy: PermissionsPolicy): string {
  return Object.entries(policy)
    .map(([feature, allowed]) => `${assertFeature(feature)}=${allowList(feature, allowed)}`)
    .join(', ')
}

function assertFeature(feature: string): string {
  if (FEATURE.test(feature)) return feature
  throw new TypeError(
    `Permissions-Policy: a feature name is lower-case, such as "display-capture"; got ${JSON.stringify(feature)}.`,
  )
}

function allowList(feature: string, allowed: readonly string[] | '*'): string {
  if (allowed === '*') return '*'
  if (!Array.isArray(allowed))
    throw new TypeError(`Permissions-Policy: ${feature} needs "*" or a list; got ${JSON.stringify(allowed)}. Nobody is [].`)
  return `(${allowed.map((member: string) => allowMember(feature, member)).join(' ')})`
}

function allowMember(feature: string, member: string): string {
  if (member === 'self' || member === 'src') return member
  // "https://*.example.com" is allowed in the list, though it is no origin of anybody.
  if (parseOrigin(member.replace('://*.', '://')).ok) return sfString(member)
  throw new TypeError(
    `Permissions-Policy: ${feature} allows ${JSON.stringify(member)}, which is neither self, src nor an origin such as "https://a.example".`,
  )
}
