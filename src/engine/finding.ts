/** Advice: one line of `check`, `audit`, `scan` or `probe`. Neither a refusal nor a fault. */
export interface Finding {
  /** Stable: `HF-<CONTROL>-<number>`. */
  readonly id: string
  readonly severity: 'low' | 'medium' | 'high' | 'critical'
  readonly what: string
  readonly fix: string
}
