/** What a format of export is: one event, one line. */
import type { AuditEvent } from '../types.ts'

export interface Surroundings {
  /** Host name of the site. */
  readonly host: string
}

export interface Format {
  readonly name: string
  readonly what: string
  /** The first line, where there is one. */
  readonly head?: string
  /** Never holds a line break. */
  readonly line: (event: AuditEvent, surroundings: Surroundings) => string
}

/** Who it is about: the user that the event names, or who made the request. */
export function userOf({ data, principal }: AuditEvent): string | undefined {
  const named = data?.['userId']
  return typeof named === 'string' ? named : principal
}

/** Who did it: whoever acted as somebody else, who made the request, or whom the event names. */
export function actorOf({ data, principal, impersonator }: AuditEvent): string | undefined {
  const named = data?.['actor']
  return impersonator ?? principal ?? (typeof named === 'string' ? named.replace(/^user:/, '') : undefined)
}

/** What came of it, as its name says. */
export function outcomeOf({ type }: AuditEvent): 'success' | 'failure' | 'unknown' {
  if (/_fail|_refused|_lock$|_reuse|malicious_|excess_|_forged|_given_up|_unproved|authz_fail/.test(type)) return 'failure'
  return /^(?:authn_|session_|user_|tenant_|authz_change|key_|audit_)/.test(type) ? 'success' : 'unknown'
}
