/**
 * Elastic Common Schema: a document a line, for Elasticsearch and what reads its fields.
 * Source: https://www.elastic.co/guide/en/ecs/current/ecs-allowed-values-event-category.html (kind, category, type, outcome) and the
 * field sets client, error, event, http, url, user.
 */
import type { Level } from '../../../engine/events.ts'
import type { AuditEvent } from '../types.ts'
import { actorOf, outcomeOf, userOf, type Format } from './format.ts'

const SEVERITY: Readonly<Record<Level, number>> = { info: 1, warn: 5, critical: 9 }

interface Category {
  readonly category: readonly string[]
  readonly type: readonly string[]
}

/** The first line that fits says what the event is. */
const CATEGORIES: readonly (readonly [RegExp, Category])[] = [
  [/^user_created$/, { category: ['iam'], type: ['user', 'creation'] }],
  [/^user_deleted$/, { category: ['iam'], type: ['user', 'deletion'] }],
  [/^(?:user_|authz_change|tenant_|authn_invit)/, { category: ['iam'], type: ['user', 'change'] }],
  [/^session_(?:created|renewed)$/, { category: ['session'], type: ['start'] }],
  [/^session_(?:ended|expired)$/, { category: ['session'], type: ['end'] }],
  [/^session_/, { category: ['session'], type: ['info'] }],
  [/^authn_login_success/, { category: ['authentication'], type: ['start'] }],
  [/^authn_/, { category: ['authentication'], type: ['info'] }],
  [/^authz_fail$/, { category: ['web'], type: ['access', 'denied'] }],
  [/^malicious_|^excess_|^input_/, { category: ['intrusion_detection', 'web'], type: ['denied'] }],
  [/^key_|^audit_/, { category: ['configuration'], type: ['change'] }],
  [/^mail_/, { category: ['email'], type: ['info'] }],
]
const OTHER: Category = { category: ['process'], type: ['info'] }

export const ecs: Format = {
  name: 'ecs',
  what: 'Elastic Common Schema, one document a line',
  line: (event, { host }) => JSON.stringify(document(event, host)),
}

function document(event: AuditEvent, host: string): object {
  const { client, control, data, id, level, method, path, requestId, time, type } = event
  const [user, actor] = [userOf(event), actorOf(event)]
  const { category, type: kinds } = CATEGORIES.find(([pattern]) => pattern.test(type))?.[1] ?? OTHER
  return {
    '@timestamp': new Date(time).toISOString(),
    ecs: { version: '8.17.0' },
    event: {
      kind: 'event',
      category,
      type: kinds,
      action: type,
      outcome: outcomeOf(event),
      severity: SEVERITY[level],
      id,
      module: 'holdfast',
      dataset: 'holdfast.audit',
    },
    log: { level },
    service: { name: host, type: 'holdfast' },
    ...(client !== undefined && { client: { ip: client, address: client } }),
    ...((user ?? actor) !== undefined && {
      user: { id: actor ?? user, ...(user !== undefined && user !== actor && { target: { id: user } }) },
    }),
    ...((method ?? requestId) !== undefined && {
      http: { request: { ...(method && { method }), ...(requestId && { id: requestId }) } },
    }),
    ...(path !== undefined && { url: { path } }),
    labels: { control, class: event.class },
    ...(data && { holdfast: { data } }),
  }
}
