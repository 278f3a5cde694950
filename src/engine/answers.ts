/** What requests came to, told when their answers are over: for metrics and detections, never for a decision about the request itself. */
import type { Passage } from './passage.ts'

/** One request and its answer, after the last byte left or the connection was lost. */
export interface Answered {
  /** Method, target, path, route and facts (client, principal, request id) of the request. */
  readonly x: Passage
  readonly status: number
  /** Milliseconds since 1970; `x.time` is when the request came. */
  readonly time: number
  /** Whether the whole answer left. */
  readonly complete: boolean
}

export type AnswerListener = (answered: Answered) => void

export interface Answers {
  /** Whether anybody listens: where nobody does, a request pays nothing. */
  readonly heard: boolean
  /** How many requests were begun and not told yet. */
  readonly pending: number
  /** Notes that a request came, of which will be told. */
  readonly begin: (x: Passage) => void
  /** Tells all listeners. Never throws. */
  readonly tell: (answered: Answered) => void
  /** Adds a listener; returns how to remove it. */
  readonly on: (listener: AnswerListener) => () => void
}

/** Listeners cannot harm each other: one that throws loses nothing for the rest. */
export function createAnswers(onFault: (error: unknown) => void): Answers {
  const listeners = new Set<AnswerListener>()
  let pending = 0
  return {
    get heard() {
      return listeners.size > 0
    },
    get pending() {
      return pending
    },
    begin(x) {
      pending++
      x.began = performance.now()
    },
    tell(answered) {
      if (pending > 0) pending--
      for (const listener of listeners) {
        try {
          listener(answered)
        } catch (error) {
          onFault(error)
        }
      }
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
