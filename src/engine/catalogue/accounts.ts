/** Events of users, of what they sign in with, and of what they may do. */
import type { Kind } from './kind.ts'

export const ACCOUNT_EVENTS = {
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
  authn_browser_remembered: {
    level: 'info',
    what: 'A browser was told to keep its user signed in (`kind` remember), or to ask for no second factor (`trust`).',
  },
  authn_browser_forgotten: { level: 'info', what: 'A browser that remembered its user does so no more.' },
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
  authn_setup: { level: 'critical', what: 'The first administrator was made with the one-time code.' },
  authn_token_created: {
    level: 'warn',
    what: 'An API key was made (`key`; `insecureNoExpiry` says why it has no last day), or an app was signed in (`app`). `tenant`: the one in which it acts.',
  },
  authn_token_revoked: {
    level: 'warn',
    what: 'API keys (`keys`) or an app (`app`) were ended; `reason` says why, `tenant` in which one.',
  },
  authn_token_reuse: {
    level: 'warn',
    what: 'An API key was used after it was revoked. Critical: a refresh token was used twice, so two have it, and its app was ended.',
  },
  authn_token_fail: {
    level: 'warn',
    what: 'An API key (`key`), an access token or a refresh token (`app`), or that of a scraper (`use: metrics`) was refused. The public name stands there only when it is known.',
  },
  authz_change: {
    level: 'warn',
    what: "A user's roles changed: those of the application, or those in a tenant (`tenant`); `left` says that they are out of it.",
  },
  tenant_created: { level: 'warn', what: 'A tenant was made.' },
  tenant_updated: { level: 'warn', what: 'A tenant was renamed or deleted; `change` says which.' },
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
} as const satisfies Record<string, Kind>
