/** The table of identities, as Kysely sees it. */

export interface IdentitiesTable {
  issuer: string
  /** The provider's own name for somebody, who is nobody elsewhere: only the pair names one. */
  subject: string
  /** Public handle. */
  id: string
  user_id: string
  /** Id of the provider in the options when it was linked. */
  provider: string
  /** What its owner knows it by. */
  shown: string
  linked_at: number
  used_at: number | null
}

/** From which session at a provider a session of ours came. */
export interface ProviderSessionsTable {
  /** Public id of our session: the same for all its tokens. */
  session_id: string
  user_id: string
  issuer: string
  subject: string
  /** The provider's id of its session; empty where it says none. */
  sid: string
}
