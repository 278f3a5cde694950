/** Walks the controls in order on the way in, and back over exactly the same ones on the way out. */
import { HasherBusy } from '../crypto/password/hasher.ts'
import type { Hooks, Verdict } from './control.ts'
import type { Emit } from './events.ts'
import type { Exchange } from './exchange.ts'
import type { Inbound } from './exchange.ts'
import { LateRefusal, RequestId } from './facts.ts'
import { Passage } from './passage.ts'
import { deny, type Reply } from './reply.ts'

export interface Engine {
  open(inbound: Inbound): Passage
  /** Nothing: the request may go on. A reply: the request ends here. Never throws or rejects. */
  enter(x: Passage): Reply | undefined | Promise<Reply | undefined>
  /** Dresses the response head. Idempotent, synchronous, never throws. */
  leave(x: Passage): void
  /** What to answer when the application's handler threw. The error is reported; the answer says nothing of it. */
  fault(x: Passage, error: unknown): Reply
  /** How a reply looks on the wire for this request: page, redirect or problem details. */
  render(x: Passage, reply: Reply): Rendered
}

export interface Rendered {
  readonly status: number
  readonly head: Readonly<Record<string, string>>
  readonly body: string
  readonly close: boolean
}

export type Render = (x: Exchange, reply: Reply) => Rendered

export interface EngineSetting {
  readonly now: () => number
  readonly emit: Emit
  readonly render: Render
  /** Where errors go with their stack: the operator's log. */
  readonly onFault: (error: unknown, requestId: string | undefined) => void
  /** Names of the hooks, in their order, for who counts what ended requests. @default none has a name */
  readonly names?: readonly string[]
}

export function createEngine(hooks: readonly Hooks[], { now, emit, render, onFault, names = [] }: EngineSetting): Engine {
  function enter(x: Passage): Reply | undefined | Promise<Reply | undefined> {
    try {
      while (x.depth < hooks.length) {
        const verdict = hooks[x.depth++]!.enter?.(x)
        if (verdict === undefined) continue
        if (verdict instanceof Promise) return resume(x, verdict)
        return end(x, verdict)
      }
      return undefined
    } catch (error) {
      return end(x, fault(x, error))
    }
  }

  async function resume(x: Passage, pending: Promise<Verdict>): Promise<Reply | undefined> {
    try {
      const verdict = await pending
      return verdict === undefined ? enter(x) : end(x, verdict as Reply)
    } catch (error) {
      return end(x, fault(x, error))
    }
  }

  /** Notes which control it was. */
  function end(x: Passage, reply: Reply): Reply {
    x.endedBy = names[x.depth - 1]
    return reply
  }

  function renderAndNote(x: Passage, reply: Reply): Rendered {
    x.denial = reply.denial
    return render(x, reply)
  }

  /** Fail closed: a control or a handler that breaks lets nothing through and tells the client nothing. */
  function fault(x: Passage, error: unknown): Reply {
    const refusal = x.get(LateRefusal)
    if (refusal !== undefined) return refusal
    if (error instanceof HasherBusy) {
      emit({ type: 'authn_shed', data: { retryAfter: error.retryAfter } }, x)
      return deny(503, 'busy', { head: { 'retry-after': String(error.retryAfter) } })
    }
    onFault(error, x.get(RequestId))
    emit({ type: 'sys_crash', data: { error: error instanceof Error ? error.name : typeof error } }, x)
    return deny(500, 'internal-error')
  }

  function leave(x: Passage): void {
    while (x.depth > 0) {
      try {
        hooks[--x.depth]!.leave?.(x)
      } catch (error) {
        onFault(error, x.get(RequestId))
      }
    }
  }

  return { open: (inbound) => new Passage(inbound, now()), enter, leave, fault, render: renderAndNote }
}
