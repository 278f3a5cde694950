/** The exchange as the engine carries it: the request, the facts found so far, and how deep it has come. */
import type { Readable } from 'node:stream'
import { HoldfastError } from './errors.ts'
import type { Exchange, Head, Inbound, Slot } from './exchange.ts'
import type { PresentedCertificate } from '../tls/client-certificate.ts'
import type { FixedHead } from './head.ts'
import { CLOSED, type RoutePolicy } from './policy.ts'
import type { Denial } from './reply.ts'

export class Passage implements Exchange {
  readonly method: string
  readonly target: string
  readonly peer: string
  readonly encrypted: boolean
  readonly httpVersion: string
  readonly upgrade: boolean
  readonly rawHeaders: readonly string[]
  readonly stream: Readable | undefined
  readonly time: number
  path = ''
  search = ''
  route: RoutePolicy = CLOSED
  fixed: FixedHead | undefined = undefined
  readonly head: Head = new Map()
  readonly cookies: string[] = []
  /** How many controls were entered and not yet left. */
  depth = 0
  /** When it came, by a clock that does not go back; set where somebody measures. */
  began: number | undefined = undefined
  /** The control that ended the request, once one did. */
  endedBy: string | undefined = undefined
  /** Why it was refused, once it was, by a control or by its route. */
  denial: Denial | undefined = undefined
  readonly #inbound: Inbound
  readonly #facts = new Map<Slot<any>, unknown>()

  constructor(inbound: Inbound, time: number) {
    this.#inbound = inbound
    this.method = inbound.method
    this.target = inbound.target
    this.peer = inbound.peer
    this.encrypted = inbound.encrypted
    this.httpVersion = inbound.httpVersion
    this.upgrade = inbound.upgrade
    this.rawHeaders = inbound.rawHeaders
    this.stream = inbound.stream
    this.time = time
  }

  header(name: string): string | undefined {
    return this.#inbound.header(name)
  }

  clientCertificate(): PresentedCertificate | undefined {
    return this.#inbound.clientCertificate?.()
  }

  get<T>(fact: Slot<T>): T | undefined {
    return this.#facts.get(fact) as T | undefined
  }

  set<T>(fact: Slot<T>, value: T): void {
    this.#facts.set(fact, value)
  }

  need<T>(fact: Slot<T>): T {
    const value = this.get(fact)
    if (value === undefined) throw new HoldfastError('HF_CONTROL_ORDER', `No control gave "${fact.name}" before it was needed.`)
    return value
  }
}
