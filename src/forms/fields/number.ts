/** A field of a number in plain digits. What programs read as numbers in other ways is refused: `1e3`, `0x10`, `١`, `007`, `1,5`. */
import { invalid, wholeNumber } from '../../engine/options.ts'
import { attributes, html } from '../../html/html.ts'
import { absent, baseOf, ok, stateOf, wrong } from '../field.ts'
import type { Field, FieldOptions, FieldRead, Judging, Maybe } from '../field.ts'

export interface NumberOptions<Required extends boolean = boolean> extends FieldOptions {
  readonly required?: Required
  /** @default -9007199254740991 */
  readonly min?: number
  /** @default 9007199254740991 */
  readonly max?: number
  /** Digits after the point. @default 0 */
  readonly decimals?: number
}

const DIGITS = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/
const LONGEST = 40

/** A number; `undefined` where nothing was typed and nothing has to be. */
export function number<const Required extends boolean = true>(options: NumberOptions<Required>): Field<Maybe<Required, number>>
export function number<Output>(options: NumberOptions & Judging<Output>): Field<Output>
export function number(options: NumberOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf('number', options, ['min', 'max', 'decimals'])
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, decimals = 0 } = options
  wholeNumber('number.decimals', decimals, 0, 10)
  for (const [name, bound] of Object.entries({ min, max }))
    if (!Number.isFinite(bound)) invalid(`number.${name}`, bound, 'Give a number.')
  if (min > max) invalid('number.min', min, `Give at most ${max}, which is max.`)

  // A keyboard of digits has no minus on every phone.
  const keyboard = attributes({ inputmode: min < 0 ? undefined : decimals === 0 ? 'numeric' : 'decimal' })

  function check(value: number, typed: string): FieldRead {
    if ((typed.split('.')[1]?.length ?? 0) > decimals) return wrong(decimals === 0 ? 'number' : 'decimals', decimals)
    if (value < min) return wrong('too-small', min)
    // -0 equals 0 and prints as it, but does not divide as it.
    return value > max ? wrong('too-large', max) : ok(value === 0 ? 0 : value)
  }

  return {
    ...base,
    longest: LONGEST,
    fromTexts([typed]) {
      // People paste spaces; no other character is forgiven.
      const digits = typed?.replaceAll(/^ +| +$/g, '') ?? ''
      if (digits === '') return absent(base)
      return DIGITS.test(digits) ? check(Number(digits), digits) : wrong('number')
    },
    fromJson(value) {
      if (value === undefined) return absent(base)
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrong('type')
      const written = String(value)
      return written.includes('e') ? wrong('number') : check(value, written)
    },
    textsOf: (value) => (typeof value === 'number' ? [String(value)] : []),
    json: { type: decimals === 0 ? 'integer' : 'number', minimum: min, maximum: max },
    control: ({ id, name, texts, state }) =>
      html`<input id="${id}" name="${name}" type="text" value="${texts[0]}" maxlength="${LONGEST}" autocomplete="off" ${keyboard} ${stateOf(state)} />`,
  }
}
