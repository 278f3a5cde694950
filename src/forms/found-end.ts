/** Where a member that refers to itself may not go on: a field that takes nothing, and is not shown. */
import { html } from '../html/html.ts'
import { ok, wrong, type Field } from './field.ts'

export interface EndOptions {
  readonly label: string
  /** How often it may stand in itself. */
  readonly deepest: number
  /** Whether a list stands there, which may be empty. */
  readonly list: boolean
}

export function end({ label, deepest, list }: EndOptions): Field<undefined | readonly never[]> {
  const nothing = list ? [] : undefined
  return {
    ...{ kind: 'end', label, hint: undefined, required: false, messages: undefined, schema: undefined },
    ...{ shape: 'hidden', secret: true, longest: 1 },
    fromTexts: (texts) => (texts.length === 0 ? ok(nothing) : wrong('too-deep', deepest)),
    fromJson(value) {
      if (list && Array.isArray(value) && value.length === 0) return ok([])
      return typeof value === 'object' && value !== null ? wrong('too-deep', deepest) : wrong('type')
    },
    textsOf: () => [],
    json: list ? { type: 'array', maxItems: 0 } : { not: {} },
    control: () => html``,
  }
}
