/** How a letter leaves: what a transport is, and how it says that a letter did not go. A new way is an object of this shape. */
import type { MailMessage } from './message.ts'

export interface MailTransport {
  /** For the log: `smtp`, `file`, … */
  readonly name: string
  /** How many letters it takes at a time. @default 1 */
  readonly parallel?: number
  /**
   * Resolves when the letter is in other hands. Rejects when it is not: it is tried again, unless that is a MailError that says
   * `permanent`. When `signal` is aborted nobody waits any longer.
   */
  send(message: MailMessage, signal: AbortSignal): Promise<void>
  /** Ends connections. No letter is under way then. */
  close?(): Promise<void>
}

/** A letter did not go. Its message is for operators and holds nothing of the letter, nor what the other side said about it. */
export class MailError extends Error {
  override readonly name = 'MailError'
  /** Whether trying again is of no use: the other side refused this letter for good. */
  readonly permanent: boolean

  constructor(message: string, { permanent = false, cause }: { readonly permanent?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause })
    this.permanent = permanent
  }
}
