/** Finds the exchange of a request from whatever object a framework hands to a handler. */
import type { KeyRing } from '../crypto/keyring.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Answers } from './answers.ts'
import type { Engine } from './engine.ts'
import { HoldfastError } from './errors.ts'
import type { Emit } from './events.ts'
import type { Passage } from './passage.ts'
import type { Decide } from './policy.ts'
import type { Reply } from './reply.ts'

/** What an adapter needs of a Holdfast. */
export interface Guard {
  readonly engine: Engine
  /** Asks a route's requirement of the principal; a refusal stands in the log. */
  readonly authorize: (x: Passage, decide: Decide) => Reply | undefined
  /** What is done about a refusal before it is rendered: a form that waits for a proof is kept. */
  readonly resume: (x: Passage, reply: Reply) => Reply | Promise<Reply>
  readonly emit: Emit
  /** Where it is told what requests came to. */
  readonly answers: Answers
  /** The clock. */
  readonly now: () => number
  /** What forms need beside their request. */
  readonly forms: FormGround
  /** Runs a request inside of something that follows it wherever it goes (a span). Absent: nobody follows. */
  readonly around?: ((x: Passage, run: () => void) => void) | undefined
}

/** The keys that forms seal and sign with, and the store in which what is good once is used up. */
export interface FormGround {
  readonly keys: KeyRing
  readonly once: AtomicStore
  readonly random: (bytes: number) => string
  /** Fields that no person sees: they come along, and belong to no form. */
  readonly decoys: readonly string[]
}

/** What travels with a request: which guard it passed, and as what. */
export interface Carried {
  readonly guard: Guard
  readonly x: Passage
}

const CARRIED = Symbol('holdfast.exchange')

/** A request as a framework shows it: node's own (Express), `request.raw` (Fastify), `context.env.incoming` (Hono). */
interface Carrier {
  [CARRIED]?: Carried
  readonly raw?: Carrier
  readonly env?: { readonly incoming?: Carrier }
}

export function carry(request: object, carried: Carried): void {
  ;(request as Carrier)[CARRIED] = carried
}

export function findCarried(request: object): Carried | undefined {
  const carrier = request as Carrier
  return carrier[CARRIED] ?? carrier.env?.incoming?.[CARRIED] ?? carrier.raw?.[CARRIED]
}

/** Throws HF_EXCHANGE_MISSING: a request that went around the guard must not be served as if it had passed. */
export function carriedBy(request: object): Carried {
  const carried = findCarried(request)
  if (carried) return carried
  throw new HoldfastError('HF_EXCHANGE_MISSING', 'This request did not pass through Holdfast.', {
    fix: 'Serve the application through its adapter, and give the object that the framework gave to the handler.',
  })
}
