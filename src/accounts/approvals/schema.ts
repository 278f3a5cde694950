/** The tables of approvals, and of who gave rights to whom, as Kysely sees them. */

interface ApprovalsTable {
  id: string
  act: string
  /** JSON, members sorted. */
  params: string
  /** SHA-256 over act and parameters. */
  hash: string
  /** `user:<id>`, `system:<name>`. */
  asked_by: string
  reason: string
  asked_at: number
  expires_at: number
  state: 'asked' | 'given' | 'declined' | 'used' | 'expired'
  /** Id of the user who decided. */
  decided_by: string | null
  decided_at: number | null
  note: string
  used_at: number | null
}

interface RightsTable {
  user_id: string
  /** Who gave them: `user:<id>`. */
  given_by: string
  given_at: number
}

export interface ApprovalsSchema {
  hf_approvals: ApprovalsTable
  hf_rights: RightsTable
}
