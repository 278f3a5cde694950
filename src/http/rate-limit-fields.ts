/**
 * RateLimit-Policy, RateLimit and Retry-After: what a client may still do, so that honest clients slow down by themselves.
 * Sources: draft-ietf-httpapi-ratelimit-headers §3 and §4, RFC 9110 §10.2.3 (Retry-After), RFC 9651.
 */
import { sfInteger, sfString } from './structured.ts'

export interface QuotaPolicy {
  /** The same name as in the RateLimit field. */
  readonly name: string
  /** Requests per window. */
  readonly quota: number
  /** Seconds. */
  readonly window: number
}

/** RateLimit-Policy: `"login";q=5;w=900, "api";q=100;w=60`. It does not change: compute it at start-up. */
export function policyField(policies: readonly QuotaPolicy[]): string {
  return policies.map(({ name, quota, window }) => `${sfString(name)};q=${sfInteger(quota)};w=${sfInteger(window)}`).join(', ')
}

/** RateLimit: `"login";r=4;t=180`. `remaining` requests are left; the quota grows again in `reset` seconds (rounded up). */
export function limitField(name: string, remaining: number, reset: number): string {
  return `${sfString(name)};r=${sfInteger(Math.max(0, Math.floor(remaining)))};t=${sfInteger(Math.max(0, Math.ceil(reset)))}`
}

/** Retry-After in whole seconds, at least 1: a client told "0" comes back at once. */
export function retryAfter(seconds: number): string {
  return sfInteger(Math.max(1, Math.ceil(seconds)))
}
