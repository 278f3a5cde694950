/**
 * Open Cybersecurity Schema Framework: Authentication (3002), Account Change (3001), User Access Management (3005) where an event is
 * one, and the base event (0) for all others, whose facts stand under `unmapped`. `type_uid` is class × 100 + activity.
 * Source: https://schema.ocsf.io, version 1.5.0.
 */
import type { EventType, Level } from '../../../engine/events.ts'
import type { AuditEvent } from '../types.ts'
import { actorOf, outcomeOf, userOf, type Format } from './format.ts'

const SEVERITY: Readonly<Record<Level, readonly [number, string]>> = {
  info: [1, 'Informational'],
  warn: [3, 'Medium'],
  critical: [5, 'Critical'],
}
const STATUS = { success: [1, 'Success'], failure: [2, 'Failure'], unknown: [0, 'Unknown'] } as const

interface Class {
  readonly uid: number
  readonly name: string
  readonly activity: number
  readonly activityName: string
}

const authentication = (activity: number, activityName: string): Class => ({
  uid: 3002,
  name: 'Authentication',
  activity,
  activityName,
})
const account = (activity: number, activityName: string): Class => ({ uid: 3001, name: 'Account Change', activity, activityName })
const access = (activity: number, activityName: string): Class => ({
  uid: 3005,
  name: 'User Access Management',
  activity,
  activityName,
})

const CLASSES: Partial<Readonly<Record<EventType, Class>>> = {
  authn_login_success: authentication(1, 'Logon'),
  authn_login_successafterfail: authentication(1, 'Logon'),
  authn_login_fail: authentication(1, 'Logon'),
  authn_login_fail_max: authentication(1, 'Logon'),
  session_ended: authentication(2, 'Logoff'),
  user_created: account(1, 'Create'),
  user_updated: account(99, 'Update'),
  authn_password_change: account(3, 'Password Change'),
  authn_recovery_used: account(4, 'Password Reset'),
  user_deleted: account(6, 'Delete'),
  authn_login_lock: account(9, 'Lock'),
  authn_factor_enrolled: account(10, 'MFA Factor Enable'),
  authn_factor_removed: account(11, 'MFA Factor Disable'),
  authz_change: access(1, 'Assign Privileges'),
}

export const ocsf: Format = {
  name: 'ocsf',
  what: 'Open Cybersecurity Schema Framework 1.5, one event a line',
  line: (event, { host }) => JSON.stringify(document(event, host)),
}

function document(event: AuditEvent, host: string): object {
  const { client, control, data, id, level, method, path, requestId, time, type } = event
  const [user, actor] = [userOf(event), actorOf(event)]
  const known = user === undefined ? undefined : CLASSES[type]
  const { uid, name, activity, activityName } = known ?? { uid: 0, name: 'Base Event', activity: 99, activityName: type }
  const [severity, severityName] = SEVERITY[level]
  const [status, statusName] = STATUS[outcomeOf(event)]
  const category = Math.floor(uid / 1000)
  return {
    time,
    category_uid: category,
    category_name: category === 3 ? 'Identity & Access Management' : 'Uncategorized',
    class_uid: uid,
    class_name: name,
    activity_id: activity,
    activity_name: activityName,
    type_uid: uid * 100 + activity,
    severity_id: severity,
    severity: severityName,
    status_id: status,
    status: statusName,
    message: type,
    metadata: {
      version: '1.5.0',
      product: { name: 'Holdfast', vendor_name: 'Holdfast' },
      uid: id,
      log_name: 'holdfast.audit',
      event_code: type,
      ...(requestId !== undefined && { correlation_uid: requestId }),
    },
    ...(known && user !== undefined && { user: { uid: user } }),
    ...(uid === 3005 && { privileges: listed(data?.['to']) }),
    ...(actor !== undefined && { actor: { user: { uid: actor } } }),
    ...(client !== undefined && { src_endpoint: { ip: client } }),
    ...(uid === 3002 && { service: { name: host } }),
    ...((method ?? path) !== undefined &&
      uid === 3002 && { http_request: { http_method: method, url: { path, hostname: host } } }),
    unmapped: { control, class: event.class, ...(uid !== 3002 && { method, path }), ...(data && { data }) },
  }
}

function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
