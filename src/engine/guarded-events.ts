/** Events of what needs more than one person: approvals, and the sealed account. Part of `EVENTS`. */

/** Each with its usual level and what happened, as there. */
export const GUARDED_EVENTS = {
  authz_approval_asked: {
    level: 'warn',
    what: 'Somebody asks for a second person, to do this act; what exactly stands in the question (`approval`).',
  },
  authz_approval_given: { level: 'critical', what: 'A second person said yes; who asked may do it once.' },
  authz_approval_declined: { level: 'warn', what: 'A second person said no, or who asked took the question back.' },
  authz_approval_expired: { level: 'info', what: 'A question or an approval ran out before it was used.' },
  authz_approval_used: { level: 'critical', what: 'What a second person had approved is done; the approval is used up.' },
} as const
