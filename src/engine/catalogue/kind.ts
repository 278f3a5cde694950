/** What the catalogue says of a type of event. */
export type Level = 'info' | 'warn' | 'critical'

export interface Kind {
  /** The usual level; one report of it may say another. */
  readonly level: Level
  /** What happened, as a sentence; the reference is made from it. */
  readonly what: string
}
