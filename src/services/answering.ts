/** Connects what notices with what is done about it: detections fire, incidents take what fired, responses answer, alerts tell. */
import type { Accounts } from '../accounts/index.ts'
import { openDetecting, type Detections } from './detecting.ts'
import type { Answers } from '../engine/answers.ts'
import { evidenceFrom } from '../observe/evidence/source.ts'
import type { Honeytokens } from '../observe/honeytokens.ts'
import type { Incidents } from '../observe/incidents/incidents.ts'
import type { Timeline } from '../observe/incidents/timeline.ts'
import type { Responses } from '../observe/responses/responder-types.ts'
import type { Observing } from './observing.ts'
import { recordSurroundings } from '../recorded/surroundings.ts'
import { createResponding, type Responding } from './responding.ts'
import type { SetUp } from '../settings/set-up.ts'
import type { Stores } from './stores.ts'
import { surroundingsOf } from './surroundings.ts'

/** What an application may ask. */
export interface AnsweringServices {
  /** What is looked for in what happens, and who is told. */
  readonly detections: Detections
  /** Decoys to plant. */
  readonly honeytokens: Honeytokens
  /** Signals of one attack as one thing, with a state, an owner and a timeline. */
  readonly incidents: Incidents
  /** What is done about them: planned, asked for, applied, undone. */
  readonly responses: Responses
  /** Signed evidence of incidents, what somebody did and could have done, and what is kept no longer. */
  readonly investigation: Pick<Responding, 'evidence' | 'report' | 'trace' | 'prune'>
}

export interface Answering {
  readonly services: AnsweringServices
  /** What controls ask for. */
  readonly slots: Responding['services']
  readonly sweep: Responding['sweep']
  /** Resolves when all that was seen was dealt with. */
  stop(): Promise<void>
}

interface Setting {
  readonly setUp: SetUp
  readonly stores: Stores
  readonly accounts: Accounts
  readonly observing: Observing
  readonly answers: Answers
  readonly random: (bytes: number) => string
  readonly timeline: Timeline
  /** How long what is in force is believed, in milliseconds. */
  readonly keep: number
  /** Ids of findings: what is set less safely than it could be. */
  readonly weaker: readonly string[]
}

/** Starts to look and to answer. */
export async function openAnswering({
  setUp,
  stores,
  accounts,
  observing,
  answers,
  random,
  timeline,
  keep,
  weaker,
}: Setting): Promise<Answering> {
  const { bus, keys, now, logFile } = setUp
  const { database, once, announcements } = stores
  const onFault = (error: unknown): void => setUp.onFault(error, undefined)
  const surroundings = surroundingsOf(setUp)
  await recordSurroundings(once, surroundings, now())
  const responding = createResponding({
    ...{ database, once, accounts, keys, announcements, timeline, now, random, surroundings, onFault, keep },
    emit: bus.emitter('responses'),
    source: evidenceFrom(observing.services.audit, logFile, (id) => accounts.emergency.ownerOf('app', id)),
    folder: setUp.folder.path,
  })
  const { inForce } = responding
  const detecting = await openDetecting({ ...setUp, stores, random, answers, inForce, onFault, weaker })
  const { detections, honeytokens } = detecting
  const { incidents, responses } = responding
  const stopListening = responding.listen(bus.on, answers)
  detections.on(incidents.take)
  incidents.on(observing.tell)
  return {
    services: { detections, honeytokens, incidents, responses, investigation: responding },
    slots: responding.services,
    sweep: responding.sweep,
    async stop() {
      stopListening()
      await detecting.stop()
      await incidents.settled()
    },
  }
}
