/** Events of signing in and of sessions. */
import type { Kind } from './kind.ts'

export const SIGN_IN_EVENTS = {
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
  authn_recovery_code_used: {
    level: 'warn',
    what: 'A recovery code was used instead of the factor; `left` says how many there are now.',
  },
  authn_remember_reused: {
    level: 'critical',
    what: 'A stay-signed-in token was used that had been replaced before: there is a copy. Its browser and `sessions` were ended.',
  },
  authn_session_limit: { level: 'warn', what: 'A sign-in was right and was refused: the user has `max` sessions already.' },
  authn_recovery_codes_made: { level: 'warn', what: 'A user got new recovery codes; those from before are void.' },
  authn_provider_fail: {
    level: 'warn',
    what: 'A sign-in by another provider came to nothing. `reason` says why: of our checks, of theirs, or no answer.',
  },
  authn_shed: { level: 'warn', what: 'A sign-in was answered 503, because too many passwords were being hashed at once.' },
  session_bound: { level: 'info', what: 'A session was bound to a key of its device.' },
  session_unproved: {
    level: 'warn',
    what: 'A session that is bound to a device was used without its proof: by a copy of its cookie, or before the browser renewed it.',
  },
  session_created: { level: 'info', what: 'A session began.' },
  session_renewed: { level: 'info', what: 'A session got a new token; the old one is dead.' },
  session_ended: { level: 'info', what: 'One session (`session`) or several (`sessions`) ended; `reason` says why.' },
  session_tenant: { level: 'info', what: 'A session acts in this tenant (`tenant`) from now on, or in none.' },
  session_expired: {
    level: 'info',
    what: 'A token was used after its time, or on the way while the next one was given (`reason` is `rotated`).',
  },
  session_forged: { level: 'warn', what: 'A token that was never issued, a damaged one, or two cookies of one name.' },
  session_use_after_expire: { level: 'warn', what: 'A token was used after its session was ended, or its user disabled.' },
} as const satisfies Record<string, Kind>
