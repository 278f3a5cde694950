/** Events of acts that need two people, of the sealed account, and of what stands in front of routes. */
import type { Kind } from './kind.ts'

export const GUARDED_EVENTS = {
  authz_approval_asked: {
    level: 'warn',
    what: 'Somebody asks for a second person, to do this act; what exactly stands in the question (`approval`).',
  },
  authz_approval_given: { level: 'critical', what: 'A second person said yes; who asked may do it once.' },
  authz_approval_declined: { level: 'warn', what: 'A second person said no, or who asked took the question back.' },
  authz_approval_expired: { level: 'info', what: 'A question or an approval ran out before it was used.' },
  authz_approval_used: { level: 'critical', what: 'What a second person had approved is done; the approval is used up.' },
  authn_break_glass_opened: {
    level: 'critical',
    what: 'The sealed account was opened with what was in the envelope; `until` says when it ends.',
  },
  authn_break_glass_sealed: { level: 'critical', what: 'A credential of the sealed account was made.' },
  authn_break_glass_tested: {
    level: 'warn',
    what: 'Somebody tried the envelope of the sealed account in a drill; `right` says whether it would open.',
  },
  authn_break_glass_revoked: { level: 'warn', what: 'A credential of the sealed account was ended unused.' },
  authn_captcha_lost: {
    level: 'critical',
    what: 'Those who say whether a CAPTCHA was passed did not answer, or not in a way that can be believed (`detail`); `instead` says what is asked for.',
  },
  user_deletion_offered: {
    level: 'warn',
    what: 'Somebody proved who they are while their account waits to be deleted: they may keep it, and have no session.',
  },
} as const satisfies Record<string, Kind>
