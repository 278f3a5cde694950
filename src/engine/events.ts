/** The one choke point: whatever happens is one `emit`. Names are the OWASP Logging Vocabulary's where it has a word. */
import { DETECTION_EVENTS } from './detection-events.ts'
import type { Exchange } from './exchange.ts'
import { Client, Principal, RequestId } from './facts.ts'

export type Level = 'info' | 'warn' | 'critical'

export interface Kind {
  /** The usual level; one report of it may say another. */
  readonly level: Level
  /** What happened, as a sentence; the reference is made from it. */
  readonly what: string
}

/** Every event there is. An event that is not here does not compile. */
export const EVENTS = {
  authn_login_success: { level: 'info', what: 'Somebody signed in, or proved again who they are (`again`).' },
  authn_login_successafterfail: { level: 'warn', what: 'A sign-in succeeded for an account that had failed shortly before.' },
  authn_login_fail: {
    level: 'warn',
    what: 'A sign-in failed. `login` is a keyed hash of the name; `userId` stands there only when the account exists.',
  },
  authn_login_fail_max: { level: 'warn', what: 'The failure that used up the last attempt of an account.' },
  authn_login_lock: {
    level: 'warn',
    what: 'A sign-in was refused without looking at it, after too many failures. `scope` says whose: `account` or `network`.',
  },
  authn_breaker_open: { level: 'critical', what: 'Sign-ins fail everywhere: unknown browsers have to do some work first.' },
  authn_breaker_close: { level: 'critical', what: 'Sign-ins fail no more than usual. `over`: failures over the limit.' },
  authn_challenge_fail: { level: 'info', what: 'A form came without the work that was asked for; `reason` says what was wrong.' },
  authn_login_unlock: {
    level: 'warn',
    what: 'The failures of an account were forgotten: by its owner with a link of a letter (`by: link`), or by an operator.',
  },
  authn_recovery_asked: {
    level: 'warn',
    what: 'Somebody asked for a new password. `login` is a keyed hash of what they typed; `userId` only where a letter was sent.',
  },
  authn_recovery_used: { level: 'critical', what: 'A password was replaced by the link of a letter; all sessions ended.' },
  authn_recovery_delayed: {
    level: 'critical',
    what: 'Somebody with the first proof says that the second factor is lost: at `due` it may be removed, unless somebody cancels.',
  },
  authn_recovery_cancelled: { level: 'critical', what: 'A delayed recovery was cancelled; `by` says how.' },
  authn_recovery_ready: { level: 'critical', what: 'The delay is over: the link that removes the second factor was sent.' },
  authn_second_factor_asked: {
    level: 'info',
    what: 'A password was right, and a second factor was asked for; there is no session yet.',
  },
  authn_link_sent: { level: 'info', what: 'A link that signs in was put into a letter; `to` is a keyed hash of the address.' },
  authn_code_sent: {
    level: 'info',
    what: 'A code was put into a letter; `to` is a keyed hash of the address, `door` says what it is for.',
  },
  authn_factor_enrolled: { level: 'warn', what: 'A user enrolled a second factor, or replaced it.' },
  authn_factor_removed: { level: 'warn', what: 'A second factor was removed; `reason` stands there when an operator did it.' },
  authn_factor_used: { level: 'info', what: 'A code of a second factor was accepted, and used up by it.' },
  authn_passkey_cloned: {
    level: 'critical',
    what: 'An authenticator counted backwards: there may be a copy of it. `refused` says whether it was turned away.',
  },
  authn_passkey_refused: {
    level: 'warn',
    what: 'A new passkey or security key was refused: its answer was not to what was asked, or belongs to somebody else.',
  },
  authn_recovery_code_used: {
    level: 'warn',
    what: 'A recovery code was used instead of the factor; `left` says how many there are now.',
  },
  authn_browser_remembered: {
    level: 'info',
    what: 'A browser was told to keep its user signed in (`kind` remember), or to ask for no second factor (`trust`).',
  },
  authn_browser_forgotten: { level: 'info', what: 'A browser that remembered its user does so no more.' },
  authn_remember_reused: {
    level: 'critical',
    what: 'A stay-signed-in token was used that had been replaced before: there is a copy. Its browser and `sessions` were ended.',
  },
  authn_session_limit: { level: 'warn', what: 'A sign-in was right and was refused: the user has `max` sessions already.' },
  authn_recovery_codes_made: { level: 'warn', what: 'A user got new recovery codes; those from before are void.' },
  authn_password_change: { level: 'info', what: 'A password was set.' },
  authn_password_change_fail: { level: 'critical', what: 'A password was not set, being one that may not be chosen.' },
  authn_password_due: {
    level: 'info',
    what: 'All was right, and a new password was asked for before the sign-in: `reason` is `short` or `expired`.',
  },
  authn_password_wrap: {
    level: 'warn',
    what: 'Argon2id was put over hashes that another system made; `wrapped` says over how many.',
  },
  authn_identity_linked: {
    level: 'warn',
    what: 'An identity of another provider was linked to a user, who can sign in with it now.',
  },
  authn_identity_unlinked: { level: 'warn', what: 'An identity of another provider was taken away from a user.' },
  authn_provider_fail: {
    level: 'warn',
    what: 'A sign-in by another provider came to nothing. `reason` says why: of our checks, of theirs, or no answer.',
  },
  authn_setup: { level: 'critical', what: 'The first administrator was made with the one-time code.' },
  authn_shed: { level: 'warn', what: 'A sign-in was answered 503, because too many passwords were being hashed at once.' },
  authn_token_created: {
    level: 'warn',
    what: 'An API key was made (`key`; `insecureNoExpiry` says why it has no last day), or an app was signed in (`app`).',
  },
  authn_token_revoked: { level: 'warn', what: 'API keys (`keys`) or an app (`app`) were ended; `reason` says why.' },
  authn_token_reuse: {
    level: 'warn',
    what: 'An API key was used after it was revoked. Critical: a refresh token was used twice, so two have it, and its app was ended.',
  },
  authn_token_fail: {
    level: 'warn',
    what: 'An API key (`key`), an access token or a refresh token (`app`) was refused. The public name stands there only when it is known.',
  },
  authz_fail: {
    level: 'warn',
    what: 'Somebody asked for what they may not have; `code` is the public reason. At level info: nobody was signed in.',
  },
  authz_change: {
    level: 'warn',
    what: "A user's roles changed: those of the application, or those in a tenant (`tenant`); `left` says that they are out of it.",
  },
  tenant_created: { level: 'warn', what: 'A tenant was made.' },
  tenant_updated: { level: 'warn', what: 'A tenant was renamed or deleted; `change` says which.' },
  excess_rate_limit_exceeded: {
    level: 'warn',
    what: 'A limit was used up. `times` counts the refusals since the last line of the same key.',
  },
  input_validation_fail: { level: 'warn', what: 'A body, a form or the bytes of a request were refused. Never the content.' },
  malicious_cors: { level: 'warn', what: 'A page of another origin asked to read an answer and may not.' },
  malicious_csrf: { level: 'warn', what: "A request that changes something was not shown to come from the site's own pages." },
  malicious_host: { level: 'warn', what: 'A request named a host that is not one of ours, or no host that can be read.' },
  malicious_target: { level: 'warn', what: 'A path, method or head that two readers could read differently.' },
  browser_report: {
    level: 'warn',
    what: 'A browser reported something that the content policy blocked, or a summary of such reports.',
  },
  session_bound: { level: 'info', what: 'A session was bound to a key of its device.' },
  session_unproved: {
    level: 'warn',
    what: 'A session that is bound to a device was used without its proof: by a copy of its cookie, or before the browser renewed it.',
  },
  session_created: { level: 'info', what: 'A session began.' },
  session_renewed: { level: 'info', what: 'A session got a new token; the old one is dead.' },
  session_ended: { level: 'info', what: 'One session (`session`) or several (`sessions`) ended; `reason` says why.' },
  session_tenant: { level: 'info', what: 'A session acts in this tenant (`tenant`) from now on, or in none.' },
  session_expired: { level: 'info', what: 'A token was used after its time.' },
  session_forged: { level: 'warn', what: 'A token that was never issued, a damaged one, or two cookies of one name.' },
  session_use_after_expire: { level: 'warn', what: 'A token was used after its session was ended, or its user disabled.' },
  mail_sent: { level: 'info', what: 'A letter left. `to` is a keyed hash of the address.' },
  mail_failed: { level: 'warn', what: 'A letter did not leave; `why` says why, and `again` when it is tried next.' },
  mail_given_up: { level: 'critical', what: 'A letter did not leave and is not tried again, until an operator says so.' },
  outbound_refused: {
    level: 'warn',
    what: 'A request to another server was not made, because of where it would have gone (`host`, `reason`).',
  },
  outbound_failed: { level: 'warn', what: 'A request to another server got no answer that could be used.' },
  key_created: { level: 'warn', what: 'A key was made.' },
  key_rotated: { level: 'warn', what: 'The next signing key signs from now on; `revoked` says whether older ones are void.' },
  key_scheduled: { level: 'warn', what: 'A new key of the ring is current from `from` on.' },
  key_retired: { level: 'warn', what: 'A key was taken out of the ring.' },
  authn_sign_up_asked: {
    level: 'info',
    what: 'Somebody asked for an account; one letter was written. `login` is a keyed hash of the address.',
  },
  authn_letter_held: {
    level: 'warn',
    what: 'A letter was not written, because its address got as many as it may; the asker saw nothing of it.',
  },
  authn_address_asked: { level: 'warn', what: 'A user asked for another address of mail; nothing is changed yet.' },
  authn_taken_back: {
    level: 'critical',
    what: 'An owner said by the link of a letter that something was not them; all sessions ended and the password is void. `why` says which link.',
  },
  authn_verification_asked: { level: 'info', what: 'A user asked for a letter that verifies their address.' },
  authn_invited: {
    level: 'warn',
    what: 'Somebody was invited, to these roles. `login` is a keyed hash of the address.',
  },
  authn_invitation_revoked: { level: 'warn', what: 'An invitation was taken back.' },
  authn_invitation_accepted: { level: 'warn', what: 'Somebody who has an account accepted an invitation to more roles.' },
  authn_impersonation_began: {
    level: 'critical',
    what: 'Somebody of the operator (`actor`) acts as a user from now on; `reason` is what they gave.',
  },
  authn_impersonation_ended: { level: 'warn', what: 'Nobody acts as this user any more; `reason` says how it ended.' },
  user_created: { level: 'warn', what: 'A user was made.' },
  user_updated: {
    level: 'warn',
    what: 'A user was disabled or enabled, or had another name, or an address of mail was changed or verified; `change` says which.',
  },
  user_deletion_asked: {
    level: 'critical',
    what: 'A user asked to delete their account; it is shut, and `due` says when it goes.',
  },
  user_deletion_stopped: { level: 'critical', what: 'An account that was to be deleted stays; `by` says how.' },
  user_deleted: { level: 'critical', what: 'An account was deleted for good, with all that belongs to it.' },
  sys_startup: { level: 'warn', what: 'Holdfast started, with these controls.' },
  sys_shutdown: { level: 'warn', what: 'Holdfast was stopped.' },
  sys_crash: { level: 'critical', what: 'A control or a handler threw; the answer was 500. The error itself goes to `onFault`.' },
  sys_store_lost: {
    level: 'critical',
    what: 'The store of the limits does not answer: each process counts for itself until it is back.',
  },
  sys_store_back: { level: 'warn', what: 'The store of the limits answers again.' },
  sys_channel_lost: {
    level: 'warn',
    what: 'This process does not hear what others write: every request asks the database until it does.',
  },
  sys_channel_back: { level: 'info', what: 'This process hears again what others write.' },
  sys_leak_check_lost: {
    level: 'warn',
    what: 'The service that knows leaked passwords did not answer; `refused` says whether the password was refused for that.',
  },
  ...DETECTION_EVENTS,
  sys_insecure_setting: { level: 'warn', what: 'Something is set less safely than it could be, or a control is off.' },
} as const satisfies Record<string, Kind>

export type EventType = keyof typeof EVENTS

export type EventValue = string | number | boolean | null | readonly string[]

/** What a control says. */
export interface Report {
  readonly type: EventType
  /** @default the level of the type */
  readonly level?: Level
  /** Facts that help to understand it. Never a password, token, cookie or body. */
  readonly data?: Readonly<Record<string, EventValue | undefined>>
}

/** What listeners get: the report, stamped with when, where and by whom. */
export interface SecurityEvent extends Report {
  readonly level: Level
  /** Which part spoke: a control's name, `accounts`, `engine`. */
  readonly control: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly requestId?: string
  /** Canonical address of the client. */
  readonly client?: string
  /** Id of the user. */
  readonly principal?: string
  /** Id of who acts as this user, when it is not they themselves. */
  readonly impersonator?: string
  readonly method?: string
  readonly path?: string
}

/** Says that something happened; `x` is the request it happened in, if it was in one. Never throws, never waits. */
export type Emit = (report: Report, x?: Exchange) => void
export type Listener = (event: SecurityEvent) => void

export interface Bus {
  /** The `emit` of one part. */
  readonly emitter: (control: string) => Emit
  /** Adds a listener; returns how to remove it. */
  readonly on: (listener: Listener) => () => void
}

/** A bus whose listeners cannot harm each other: one that throws loses nothing for the rest. */
export function createBus(now: () => number, onFault: (error: unknown) => void): Bus {
  const listeners = new Set<Listener>()

  function emitter(control: string): Emit {
    return (report, x) => {
      const event = stamp(report, control, now(), x)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onFault(error)
        }
      }
    }
  }

  return {
    emitter,
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function stamp(report: Report, control: string, time: number, x: Exchange | undefined): SecurityEvent {
  const event = { ...report, level: report.level ?? EVENTS[report.type].level, control, time }
  if (x === undefined) return event
  const [requestId, client, principal] = [x.get(RequestId), x.get(Client), x.get(Principal)]
  return {
    ...event,
    ...(requestId !== undefined && { requestId }),
    ...(client !== undefined && { client: client.address }),
    ...(principal && { principal: principal.id }),
    ...(principal?.impersonatedBy && { impersonator: principal.impersonatedBy.id }),
    method: x.method,
    path: x.path,
  }
}
