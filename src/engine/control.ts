/** A security control: options in, two hooks out. */
import type { Operation } from '../http/openapi.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'
import type { Emit } from './events.ts'
import type { Exchange, Slot } from './exchange.ts'
import type { Finding } from './finding.ts'
import type { FindRoute } from './policy.ts'
import type { Reply } from './reply.ts'

export type Verdict = Reply | undefined | void

export interface Hooks {
  /** On the way in. Return a reply to stop here; return nothing to let the request on. */
  enter?(x: Exchange): Verdict | Promise<Verdict>
  /** On the way out, in reverse order, for every control that was entered. Writes headers; does no I/O. */
  leave?(x: Exchange): void
  /** When the application stops. */
  stop?(): void | Promise<void>
}

/** Where the application is reached, from the configured origin. Links are built from here, never from a request. */
export interface Site {
  /** `https://app.example`, no trailing slash. */
  readonly origin: string
  readonly hostname: string
  readonly port: number | undefined
  /** Whether the origin is https. */
  readonly secure: boolean
  /** Whether plain http is accepted because the origin is loopback. */
  readonly local: boolean
}

export interface Setting<Options> {
  readonly options: Options
  readonly site: Site
  readonly production: boolean
  readonly keys: KeyRing
  readonly database: Database
  /** For what may be lost: limits. Falls back to memory when the store is gone. */
  readonly limits: AtomicStore
  /** For what must happen only once. Never falls back. */
  readonly once: AtomicStore
  readonly routes: FindRoute
  readonly emit: Emit
  readonly now: () => number
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  /** A service of a lower floor (accounts, …), by its slot. Throws HF_SERVICE_MISSING. */
  use<T>(service: Slot<T>): T
}

export interface Control<Name extends string = string, Input = any, Options = any> {
  readonly name: Name
  readonly needs?: readonly Slot<any>[]
  readonly gives?: readonly Slot<any>[]
  /** Fills in defaults and refuses nonsense, at start-up. */
  options(input: Input | undefined): Options
  /** What `holdfast check` says of these options. */
  check?(options: Options): Iterable<Finding>
  /** What programs may do at its addresses, for the description of the API. */
  operations?(options: Options): readonly Operation[]
  start(setting: Setting<Options>): Hooks
  /** What runs in its place when it is turned off, so that the controls after it still find what they read. Defends nothing. */
  off?(setting: Omit<Setting<Options>, 'options'>): Hooks
}

export function defineControl<const Name extends string, Input, Options>(
  control: Control<Name, Input, Options>,
): Control<Name, Input, Options> {
  return control
}
