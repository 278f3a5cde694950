/** What a playbook is: who does what, in which order, and when it is done. Data: pages show it, the command prints it, others import it. */
import type { Severity, Subject } from '../detected.ts'

/** `responder` works on the incident, `administrator` runs the application, `owner` answers for it (and for what is told to whom). */
export type Role = 'responder' | 'administrator' | 'owner'

export interface Step {
  readonly title: string
  readonly who: Role
  /** What is to be done or looked at, in a few sentences. */
  readonly what: string
  readonly phase: 'detect' | 'contain' | 'remove' | 'recover' | 'learn'
  /** A response that does it, and to whom of the incident. */
  readonly response?: {
    readonly name: string
    readonly on?: readonly Subject['kind'][]
    readonly settings?: Readonly<Record<string, string>>
  }
  /** A command that does it or shows it; `ID` and `VALUE` stand for those of the incident. */
  readonly command?: string
  /** What a person has to decide before it is done. */
  readonly gate?: string
  /** How one knows that it is done. */
  readonly done: string
}

export interface Playbook {
  /** `credential-stuffing`. */
  readonly name: string
  readonly title: string
  readonly what: string
  readonly severity: Severity
  /** Detections whose incidents it is for. */
  readonly detections: readonly string[]
  readonly steps: readonly Step[]
  /** The day on which it was written, and changed last: `YYYY-MM-DD`. */
  readonly created: string
  readonly modified: string
}

export function definePlaybook(playbook: Playbook): Playbook {
  return playbook
}

/** What every incident begins with. */
export const TAKE: Step = {
  title: 'Take the incident',
  who: 'responder',
  phase: 'detect',
  what: 'Say that you work on it. Read the timeline, who was involved and what was reached, before anything is changed.',
  command: 'holdfast incident own ID NAME',
  done: 'The incident has an owner and is acknowledged.',
}

/** What is looked at before it changes. */
export const KEEP: Step = {
  title: 'Keep the evidence',
  who: 'responder',
  phase: 'detect',
  what: 'Write down, signed, what is known now. What comes later goes into another file.',
  response: { name: 'snapshot-evidence' },
  command: 'holdfast incident export ID',
  done: 'The file verifies with the public key.',
}

/** What every incident ends with. */
export const LEARN: Step = {
  title: 'Close it, and learn',
  who: 'owner',
  phase: 'learn',
  what: 'Undo what is still in force and not needed, close the incident, make the report and go through its open points together.',
  command: 'holdfast incident report ID',
  gate: 'Was personal data reached? Then somebody has to be told, in the EU within 72 hours (GDPR Article 33).',
  done: 'No response of the incident is in force, and each open point has somebody who takes care of it.',
}
