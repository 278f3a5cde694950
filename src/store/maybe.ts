/** Two ways to go on after a value that may be there already: without a promise where none is needed. */
import type { MaybePromise } from './database.ts'

/** Applies `use` now when the value is here, later when it is promised. */
export function after<T, R>(value: MaybePromise<T>, use: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then((arrived) => use(arrived)) : use(value)
}

/**
 * The promise, or a rejection after `milliseconds` with the error that `late` makes. The timer never outlives the promise, and a
 * late rejection of the promise is swallowed: somebody has answered for it already. When the timer fires after a long turn of the
 * event loop, answers that lie in the socket are read first: a busy process is not a lost store.
 */
export function withDeadline<T>(promise: Promise<T>, milliseconds: number, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(late()))), milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
