/** What an event is for the audit log: how long it is kept, and whether its act may happen without it. */
import type { EventType } from './events.ts'

/** An administrative act that cannot be recorded does not happen; operation is what machines tell of themselves. */
export type EventClass = 'administrative' | 'security' | 'operation'
export const EVENT_CLASSES: readonly EventClass[] = ['administrative', 'security', 'operation']

/** Users, roles, keys, sessions of others, tenants, exports, responses, second persons: who was made what, by whom. */
export const ADMINISTRATIVE: readonly EventType[] = [
  ...(['authn_setup', 'authn_login_unlock', 'authn_factor_removed', 'authn_password_wrap', 'authn_taken_back'] as const),
  ...(['authn_token_created', 'authn_token_revoked', 'authz_change', 'tenant_created', 'tenant_updated'] as const),
  ...(['authn_invited', 'authn_invitation_revoked', 'authn_invitation_accepted', 'session_ended'] as const),
  ...(['authn_impersonation_began', 'authn_impersonation_ended', 'user_created', 'user_updated'] as const),
  ...(['user_deletion_asked', 'user_deletion_stopped', 'user_deleted', 'sys_insecure_setting', 'sys_monitor_disabled'] as const),
  ...(['key_created', 'key_rotated', 'key_scheduled', 'key_retired'] as const),
  ...(['authn_break_glass_sealed', 'authn_break_glass_tested', 'authn_break_glass_revoked'] as const),
  ...(['authz_approval_asked', 'authz_approval_given', 'authz_approval_declined'] as const),
  ...(['authz_approval_expired', 'authz_approval_used', 'incident_changed', 'incident_exported'] as const),
  ...(['response_begun', 'response_applied', 'response_undone', 'response_expired', 'response_failed'] as const),
  ...(['response_interrupted'] as const),
  ...(['audit_read', 'audit_exported', 'audit_redacted', 'audit_pruned'] as const),
  ...(['incident_pruned', 'incident_evidence_pruned'] as const),
  ...(['sys_audit_began', 'sys_audit_dropped', 'sys_audit_sealed', 'sys_audit_broken'] as const),
]

const OPERATION: readonly EventType[] = [
  ...(['mail_sent', 'mail_failed', 'mail_given_up', 'outbound_refused', 'outbound_failed', 'browser_report'] as const),
  ...(['sys_startup', 'sys_shutdown', 'sys_crash', 'sys_store_lost', 'sys_store_back', 'sys_channel_lost'] as const),
  ...(['alert_sent', 'alert_failed', 'alert_held', 'alert_channel_lost', 'alert_channel_back'] as const),
  ...(['sys_unready', 'sys_ready', 'sys_log_lost', 'sys_log_back'] as const),
  ...(['sys_channel_back', 'sys_leak_check_lost', 'sys_audit_behind', 'sys_audit_back', 'sys_clock_back'] as const),
]

const CLASSES: ReadonlyMap<EventType, EventClass> = new Map([
  ...ADMINISTRATIVE.map((type) => [type, 'administrative'] as const),
  ...OPERATION.map((type) => [type, 'operation'] as const),
])

/** What is in neither list is security: sign-ins, refusals, attacks. */
export function classOf(type: EventType): EventClass {
  return CLASSES.get(type) ?? 'security'
}
