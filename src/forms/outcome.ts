/** What came of reading a form: values, or what is wrong. Both can be shown again; every refusal stands in the log without its content. */
import type { Carried } from '../engine/carrier.ts'
import { RequestId } from '../engine/facts.ts'
import { PROBLEM_TYPE, problemJson } from '../http/problem.ts'
import type { Fields } from './field.ts'
import type { Ticket } from './once.ts'
import type { FormError } from './read.ts'
import type { Typed } from './sent.ts'
import { fieldAt, partsOf } from './tree.ts'

/** An answer to a program, in the words of any framework. */
export interface ProblemAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Refused {
  readonly ok: false
  readonly status: number
  readonly errors: readonly FormError[]
  readonly typed: Typed
  /** Of a form that was sent already: where its result is, if the one who did it said so. */
  readonly result?: string | undefined
  /** Problem details (RFC 9457) with a list of `errors`, each with a JSON pointer. */
  problem(): ProblemAnswer
}

export interface Accepted<Value> {
  readonly ok: true
  readonly value: Value
  readonly typed: Typed
  /** Says where the result is: of a form that is good once, whoever sends it again is told. */
  done(location: string): Promise<void>
  /**
   * It could not be done after all: what is wrong, by field, and `form` for the whole. Files are taken away, and a form that is good
   * once may be sent again.
   */
  wrong(errors: Readonly<Record<string, string | undefined>>, status?: number): Promise<Refused>
}

interface Held {
  readonly remove?: (() => Promise<void>) | undefined
  readonly ticket?: Ticket | undefined
}

interface Why {
  readonly result?: string | undefined
  readonly why?: string
  readonly told?: boolean
}

export function createOutcome(carried: Carried, form: string, fields: Fields) {
  const { guard, x } = carried

  function refuse(
    status: number,
    errors: readonly FormError[],
    typed: () => Typed,
    { result, why, told = false }: Why = {},
  ): Refused {
    const codes = [...new Set(errors.map(({ code }) => code))]
    const named = errors.flatMap(({ field }) => (field === '' ? [] : [field]))
    if (codes[0] === 'sent-already') guard.emit({ type: 'form_sent_again', data: { form } }, x)
    else if (!told)
      guard.emit(
        {
          type: 'input_validation_fail',
          data: { reason: why === undefined ? 'form' : `form-${why}`, status, form, codes, fields: named },
        },
        x,
      )
    return { ok: false, status, errors, typed: typed(), result, problem: () => problemOf(status, errors, x.get(RequestId)) }
  }

  function accept<Value>(
    read: { readonly value: unknown; readonly typed: () => Typed },
    { remove, ticket }: Held,
  ): Accepted<Value> {
    return {
      ok: true,
      value: read.value as Value,
      get typed() {
        return read.typed()
      },
      done: async (location) => ticket?.done(location),
      async wrong(errors, status = 422) {
        await remove?.()
        await ticket?.undo()
        const said = Object.entries(errors).flatMap(([name, message]): FormError[] => {
          const [field] = fieldAt(fields, partsOf(name)) ?? ['']
          return message === undefined ? [] : [{ field, code: 'invalid', message }]
        })
        // The application's own word about what it was told: not for the log of refused input.
        return refuse(status, said, read.typed, { told: true })
      },
    }
  }

  return { refuse, accept }
}

/** RFC 6901 for the pointer, as a fragment: names of fields have nothing that would have to be escaped. */
function problemOf(status: number, errors: readonly FormError[], id: string | undefined): ProblemAnswer {
  const list = errors.map(({ field, code, message }) => ({ pointer: ['#', ...partsOf(field)].join('/'), code, detail: message }))
  const code = errors[0]?.code === 'sent-already' ? 'sent-already' : 'form-invalid'
  return {
    status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' },
    body: problemJson({ status, code, errors: list, ...(id !== undefined && { instance: id }) }),
  }
}
