/** What a drill is: an attack on an application of its own, what a responder does about it, and how one knows that it helped. */
import type { HoldfastOptions } from '../../index.ts'
import type { IncidentDetails } from '../../observe/incidents/types.ts'
import type { Subject } from '../../observe/detected.ts'
import type { DrillApp } from './application.ts'

/** A response that the playbook says. */
export interface Answer {
  readonly response: string
  readonly subject?: Subject
  readonly settings?: Readonly<Record<string, string>>
}

export interface Drill {
  readonly name: string
  readonly what: string
  /** The playbook that it trains. */
  readonly playbook: string
  /** Detections of which one is enough: those of the kit, and the alarms that go without them. */
  readonly detectedBy: readonly string[]
  readonly options?: Partial<HoldfastOptions>
  /** Plays it. What it returns is asked and handed on below. */
  play(app: DrillApp): Promise<Scene>
}

/** What the drill knows while it runs. */
export interface Scene {
  /** The attack, once; bounded. */
  attack(): Promise<void>
  /** Whether the attacker still gets what they want. */
  succeeds(): Promise<boolean>
  /** What the responder does, with the incident before them. */
  answers(incident: IncidentDetails): Promise<readonly Answer[]>
  /** What is left to do after the responses were undone, so that everybody can work again. */
  recover?(): Promise<void>
  /** Whether an honest user can work. */
  works(): Promise<boolean>
}

/** Times in milliseconds; one that is missing was not come to. */
export interface DrillResult {
  readonly drill: string
  readonly ok: boolean
  /** From the begin of the attack to the incident. */
  readonly detect: number | undefined
  /** From the incident until the attack came to nothing. */
  readonly contain: number | undefined
  /** From then until everybody could work again, and nothing was in force. */
  readonly recover: number | undefined
  /** What the incident was called. */
  readonly incident: string | undefined
  /** Names of the responses, those first that were applied by themselves. */
  readonly responses: readonly string[]
  /** What did not hold. */
  readonly problem: string | undefined
}
