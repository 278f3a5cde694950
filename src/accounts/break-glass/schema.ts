/** The table of seals, as Kysely sees it. */

interface SealsTable {
  id: string
  user_id: string
  /** SHA-256 of each part; `part_b` is empty where there is one. */
  part_a: string
  part_b: string
  created_at: number
  tested_at: number | null
  used_at: number | null
}

export interface BreakGlassSchema {
  hf_seals: SealsTable
}
