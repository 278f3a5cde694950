/**
 * Events that are an alarm by themselves, whether or not detections run: each is something that cannot happen unless somebody holds what
 * they should not, or an owner says so. Nothing is answered to them automatically; a person is offered what fits.
 */
import type { EventType, SecurityEvent } from '../../engine/events.ts'
import type { Detected, Severity, Subject } from '../detected.ts'
import { shortId } from '../ids.ts'

interface Alarm {
  readonly detection: string
  readonly severity: Severity
  readonly why: string
  readonly offered: readonly string[]
  /** Whether who asked is the attacker: the owner is who uses a link of a letter. @default true */
  readonly byActor?: false
  /** Only events that say this. */
  readonly when?: (event: SecurityEvent) => boolean
}

/** Refusals of one key between two lines of the log, which are a second apart or more. */
const FLOOD = 100

/** The table. A new line is a new alarm. */
export const ALARMS = {
  authn_token_reuse: {
    detection: 'token-reused',
    severity: 'high',
    why: 'A refresh token, or a key that was revoked, was used by a second holder.',
    offered: ['end-user-sessions', 'require-step-up', 'block-client', 'mark-honeytoken', 'notify-user', 'snapshot-evidence'],
  },
  authn_remember_reused: {
    detection: 'remember-reused',
    severity: 'high',
    why: 'A stay-signed-in token was used after it had been replaced: there is a copy of the cookie.',
    offered: ['end-user-sessions', 'require-step-up', 'block-client', 'notify-user'],
  },
  authn_passkey_cloned: {
    detection: 'passkey-cloned',
    severity: 'critical',
    why: 'An authenticator counted backwards: there may be a copy of it.',
    offered: ['lock-account', 'end-user-sessions', 'notify-user', 'snapshot-evidence'],
  },
  authn_taken_back: {
    detection: 'taken-back',
    severity: 'high',
    why: 'An owner said that something was not them, and took the account back.',
    offered: ['end-user-sessions', 'snapshot-evidence'],
    byActor: false,
  },
  authn_breaker_open: {
    detection: 'guessing-everywhere',
    severity: 'high',
    why: 'Sign-ins fail everywhere: somebody tries passwords on many accounts.',
    offered: ['tighten-limit', 'block-client', 'block-network', 'snapshot-evidence'],
  },
  authn_login_fail_max: {
    detection: 'guessing-one-account',
    severity: 'medium',
    why: 'The last attempt of an account was used up.',
    offered: ['block-client', 'slow-down', 'require-step-up', 'notify-user'],
  },
  excess_rate_limit_exceeded: {
    detection: 'flood',
    severity: 'medium',
    why: 'One client was refused a hundred times and more within a second.',
    offered: ['slow-down', 'block-client', 'tighten-limit'],
    when: ({ data }) => Number(data?.['times'] ?? 0) >= FLOOD,
  },
} as const satisfies Partial<Record<EventType, Alarm>>

/** Reads events off the bus; `random`: base64url of so many bytes. */
export function createAlarms(
  take: (detected: Detected) => void,
  random: (bytes: number) => string,
): (event: SecurityEvent) => void {
  return (event) => {
    const alarm: Alarm | undefined = Object.hasOwn(ALARMS, event.type) ? ALARMS[event.type as keyof typeof ALARMS] : undefined
    if (alarm === undefined || alarm.when?.(event) === false) return
    const targets = targetsOf(event)
    take({
      id: shortId(random),
      detection: alarm.detection,
      severity: alarm.severity,
      time: event.time,
      dryRun: false,
      actors: alarm.byActor === false ? [] : actorsOf(event),
      targets,
      targetCount: targets.length,
      why: alarm.why,
      automatic: [],
      offered: alarm.offered,
    })
  }
}

/** The other end of the connection; never the account that the event names, in whose name anybody could have asked. */
function actorsOf({ client }: SecurityEvent): Subject[] {
  return client === undefined || client === 'unknown' ? [] : [{ kind: 'client', value: client }]
}

function targetsOf({ app, data = {} }: SecurityEvent): Subject[] {
  const subjects: [Subject['kind'], unknown][] = [
    ['user', data['userId']],
    ['api-key', data['key']],
    // The app that asked is no target.
    ['app', data['app'] === app ? undefined : data['app']],
    ['login', data['userId'] === undefined ? data['login'] : undefined],
  ]
  return subjects.flatMap(([kind, value]) => (typeof value === 'string' ? [{ kind, value }] : []))
}
