/** Fields of text: one line, several lines, and what nobody may read over one's shoulder. */
import { wholeNumber } from '../../engine/options.ts'
import { attributes, html } from '../../html/html.ts'
import { isBlank, readText, type AllowedCharacters, type TextRule } from '../../validate/text.ts'
import { absent, baseOf, ok, stateOf, wrong } from '../field.ts'
import type { ControlAt, Field, FieldOptions, FieldRead, Judging } from '../field.ts'
import type { JsonSchema } from '../../http/openapi.ts'

export interface TextOptions extends FieldOptions {
  /** Most characters. @default 200; of an area 4000; of a password 256 */
  readonly max?: number
  /** Fewest characters, where there are any. @default 0 */
  readonly min?: number
  /** Whether space around it is taken away. @default true; of a password false */
  readonly trim?: boolean
  /** Characters that are refused elsewhere. @default [] */
  readonly allow?: readonly AllowedCharacters[]
  /** What browsers may fill in by themselves: a word of HTML's list, `'name'`, `'street-address'`. @default 'off' */
  readonly autocomplete?: string
}

interface Kind {
  readonly kind: string
  readonly max: number
  readonly lines?: boolean
  readonly trim?: boolean
  readonly normalise?: boolean
  readonly secret?: boolean
  readonly type?: string
  readonly json?: JsonSchema
  /** More that has to hold of a text that is there. */
  readonly holds?: (text: string) => 'email' | 'url' | undefined
}

const OPTIONS = ['max', 'min', 'trim', 'allow', 'autocomplete']

/** One line. Empty where nothing has to be written. */
export function text(options: TextOptions): Field<string>
export function text<Output>(options: TextOptions & Judging<Output>): Field<Output>
export function text(options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  return textField({ kind: 'text', max: 200 }, options)
}

/** Several lines. Line breaks are LF, however they were sent. */
export function area(options: TextOptions): Field<string>
export function area<Output>(options: TextOptions & Judging<Output>): Field<Output>
export function area(options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  return textField({ kind: 'area', max: 4000, lines: true }, options)
}

/** Taken as it was typed, and never shown again. `autocomplete` is 'current-password' or 'new-password'. */
export function password(options: TextOptions): Field<string>
export function password<Output>(options: TextOptions & Judging<Output>): Field<Output>
export function password(options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  return textField({ kind: 'password', max: 256, trim: false, normalise: false, secret: true, type: 'password' }, options)
}

/** A field of text of the kind that is told. */
export function textField(kind: Kind, options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf(kind.kind, options, OPTIONS)
  const { max = kind.max, min = 0, trim = kind.trim ?? true, allow, autocomplete = 'off' } = options
  wholeNumber(`${kind.kind}.max`, max, 1, 1_000_000)
  wholeNumber(`${kind.kind}.min`, min, 0, max)
  const rule: TextRule = { max, min, trim, allow, lines: kind.lines, normalise: kind.normalise }

  function fromJson(value: unknown): FieldRead {
    if (value === undefined) return absent(base, '')
    const read = readText(value, rule)
    if (!read.ok) return wrong(read.code, read.code === 'too-short' ? min : max)
    if (isBlank(read.value)) return absent(base, '')
    const code = kind.holds?.(read.value)
    return code === undefined ? ok(read.value) : wrong(code)
  }

  return {
    ...base,
    longest: max,
    secret: kind.secret ?? false,
    asTyped: (allow ?? []).length > 0,
    fromJson,
    fromTexts: ([typed]) => fromJson(typed),
    textsOf: (value) => (typeof value === 'string' ? [value] : []),
    json: {
      type: 'string',
      maxLength: max,
      ...((base.required || min > 0) && base.required && { minLength: Math.max(1, min) }),
      ...kind.json,
    },
    control: (at) => (kind.lines ? lines(at, max, autocomplete) : line(at, kind, max, autocomplete)),
  }
}

const PROSE = attributes({})
const NO_PROSE = attributes({ autocapitalize: 'none', spellcheck: 'false' })

// Constraints are mirrored for those who type; the server asks again for all of them.
function line({ id, name, texts, state }: ControlAt, { type = 'text', secret, kind }: Kind, max: number, autocomplete: string) {
  const prose = kind === 'text' ? PROSE : NO_PROSE
  if (secret === true)
    return html`<input id="${id}" name="${name}" type="password" maxlength="${max}" autocomplete="${autocomplete}" ${prose} ${stateOf(state)} />`
  return html`<input id="${id}" name="${name}" type="${type}" value="${texts[0]}" maxlength="${max}" autocomplete="${autocomplete}" ${prose} ${stateOf(state)} />`
}

// The line break after the tag is dropped by browsers; without it the first one of the text would be.
function lines({ id, name, texts, state }: ControlAt, max: number, autocomplete: string) {
  return html`<textarea id="${id}" name="${name}" rows="6" maxlength="${max}" autocomplete="${autocomplete}" ${stateOf(state)}>${'\n'}${texts[0]}</textarea>`
}
