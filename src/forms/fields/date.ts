/** A field of a day, without a time and without a zone: the text `YYYY-MM-DD` of a day that the calendar has. */
import { invalid } from '../../engine/options.ts'
import { html } from '../../html/html.ts'
import { absent, baseOf, ok, stateOf, wrong } from '../field.ts'
import type { Field, FieldOptions, FieldRead, Judging, Maybe } from '../field.ts'

export interface DateOptions<Required extends boolean = boolean> extends FieldOptions {
  readonly required?: Required
  /** `'2026-01-01'`. @default '0001-01-01' */
  readonly min?: string
  /** @default '9999-12-31' */
  readonly max?: string
  /** @default 'off' */
  readonly autocomplete?: string
}

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/

/** A day as text; `undefined` where nothing was chosen and nothing has to be. */
export function date<const Required extends boolean = true>(options: DateOptions<Required>): Field<Maybe<Required, string>>
export function date<Output>(options: DateOptions & Judging<Output>): Field<Output>
export function date(options: DateOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf('date', options, ['min', 'max', 'autocomplete'])
  const { min = '0001-01-01', max = '9999-12-31', autocomplete = 'off' } = options
  for (const [name, day] of Object.entries({ min, max }))
    if (!isDay(day)) invalid(`date.${name}`, day, `Give a day: '2026-01-31'.`)

  function fromJson(value: unknown): FieldRead {
    if (value === undefined) return absent(base)
    if (typeof value !== 'string') return wrong('type')
    if (!isDay(value)) return wrong('date')
    // Days in this form are in order as texts.
    if (value < min) return wrong('too-early', min)
    return value > max ? wrong('too-late', max) : ok(value)
  }

  return {
    ...base,
    longest: 10,
    fromJson,
    fromTexts: ([typed]) => fromJson(typed === '' ? undefined : typed),
    textsOf: (value) => (typeof value === 'string' ? [value] : []),
    json: { type: 'string', format: 'date' },
    control: ({ id, name, texts, state }) =>
      html`<input id="${id}" name="${name}" type="date" value="${texts[0]}" min="${min}" max="${max}" autocomplete="${autocomplete}" ${stateOf(state)} />`,
  }
}

function isDay(text: string): boolean {
  const [, year, month, day] = (SHAPE.exec(text) ?? []).map(Number)
  if (year === undefined || year < 1 || month === undefined || day === undefined) return false
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
