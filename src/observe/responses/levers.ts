/** What responses act with. Whoever puts the application together builds it from accounts, store and settings. */
import type { Subject } from '../detected.ts'
import type { By } from './response.ts'

/** A user, as far as a response must know. */
export interface Person {
  readonly id: string
  /** For the sentences that people read. */
  readonly login: string
  readonly administers: boolean
  /** Whether letters reach them at an address that is known to be theirs. */
  readonly reachable: boolean
}

export interface Levers {
  person(id: string): Promise<Person | undefined>
  /** Ids of the active users who administer. */
  administrators(): Promise<readonly string[]>
  /** Whether an account is held at this moment. */
  isHeld(userId: string): Promise<boolean>
  /** Whose session, API key or app it is; `undefined` when there is none of that id. */
  ownerOf(kind: 'session' | 'api-key' | 'app', id: string): Promise<string | undefined>
  countSessions(userId: string): Promise<number>
  /** How many users are signed in, and with how many sessions. */
  countEverybody(): Promise<{ readonly users: number; readonly sessions: number }>
  endSession(userId: string, id: string, by: By): Promise<boolean>
  endSessions(userId: string, by: By): Promise<number>
  /** Of everybody, whoever asks for it included. */
  endEverybodys(by: By): Promise<number>
  revokeApiKey(userId: string, id: string, by: By): Promise<boolean>
  endApp(userId: string, id: string, by: By): Promise<boolean>
  /** The next key signs from now on; without overlap what older ones signed is void. False where there is no next one yet. */
  rotateKeys(by: By, overlap: boolean): Promise<boolean>
  /** Makes the password useless: the owner gets a new one by a letter. */
  voidPassword(userId: string, by: By): Promise<boolean>
  /** Puts down a letter that tells the owner; false where none can be sent. */
  tellOwner(userId: string): Promise<boolean>
  /** Writes the evidence of an incident into a file; returns its path. */
  snapshot(incidentId: string, by: By): Promise<string>
  /** Why this network must not be blocked: it is loopback, a proxy of ours, or listed as our own. */
  neverBlocked(network: string): string | undefined
  /** Names of the limits that are configured. */
  readonly limits: readonly string[]
  /** The routes of a feature, by its name. */
  feature(name: string): readonly string[] | undefined
  /** Whether a path stays open whatever happens: the doors by which one comes in and out. */
  spared(path: string): boolean
  /** Of a subject, for sentences: `ada (user)`. */
  describe(subject: Subject): Promise<string>
}
