/** Fields with a list to choose from: one of them, or several. Whatever is not in the list is refused. */
import { invalid, wholeNumber } from '../../engine/options.ts'
import { attributes, html, type SafeHtml } from '../../html/html.ts'
import { absent, baseOf, ok, stateOf, wrong } from '../field.ts'
import type { ControlAt, Field, FieldOptions, FieldRead, Judging, Maybe } from '../field.ts'

/** Words by value, in the order in which they are shown. */
export type Choices = Readonly<Record<string, string>>

export interface ChoiceOptions<Of extends Choices = Choices, Required extends boolean = boolean> extends FieldOptions {
  readonly required?: Required
  readonly choices: Of
  /** A list that opens, or all of them at once. @default 'select' */
  readonly as?: 'select' | 'radios'
  /** @default 'off' */
  readonly autocomplete?: string
}

export interface ChoicesOptions<Of extends Choices = Choices> extends FieldOptions {
  readonly choices: Of
  /** How many may be chosen. @default all */
  readonly most?: number
}

/** One of the list; `undefined` where none was chosen and none has to be. */
export function choice<const Of extends Choices, const Required extends boolean = true>(
  options: ChoiceOptions<Of, Required>,
): Field<Maybe<Required, keyof Of & string>>
export function choice<Output>(options: ChoiceOptions & Judging<Output>): Field<Output>
export function choice(options: ChoiceOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf('choice', options, ['choices', 'as', 'autocomplete'])
  const { as = 'select', autocomplete = 'off' } = options
  const { choices, values, longest } = readChoices('choice', options.choices)

  function fromJson(value: unknown): FieldRead {
    if (value === undefined) return absent(base)
    if (typeof value !== 'string') return wrong('type')
    return values.includes(value) ? ok(value) : wrong('choice')
  }

  return {
    ...base,
    longest,
    fromJson,
    fromTexts: ([sent]) => fromJson(sent === '' ? undefined : sent),
    textsOf: (value) => (typeof value === 'string' ? [value] : []),
    json: { enum: values },
    ...(as === 'radios' && { shape: 'group' }),
    control: (at) => (as === 'radios' ? boxes(at, choices, 'radio') : select(at, choices, autocomplete, base.required)),
  }
}

/** Several of the list, each once, in the order of the list. With `required` at least one. */
export function choices<const Of extends Choices>(options: ChoicesOptions<Of>): Field<readonly (keyof Of & string)[]>
export function choices<Output>(options: ChoicesOptions & Judging<Output>): Field<Output>
export function choices(options: ChoicesOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf('choices', options, ['choices', 'most'])
  const { choices: offered, values, longest } = readChoices('choices', options.choices)
  const most = wholeNumber('choices.most', options.most ?? values.length, 1, values.length)

  function check(sent: readonly unknown[]): FieldRead {
    if (sent.length === 0) return absent(base, [])
    if (sent.length > most) return wrong('too-many', most)
    if (sent.some((value) => typeof value !== 'string' || !values.includes(value))) return wrong('choice')
    if (new Set(sent).size < sent.length) return wrong('repeated')
    return ok(values.filter((value) => sent.includes(value)))
  }

  return {
    ...base,
    most: values.length,
    longest,
    shape: 'group',
    fromTexts: check,
    fromJson: (value) => (value === undefined ? check([]) : Array.isArray(value) ? check(value) : wrong('type')),
    textsOf: (value) => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []),
    json: { type: 'array', items: { enum: values }, uniqueItems: true, maxItems: most, ...(base.required && { minItems: 1 }) },
    control: (at) => boxes(at, offered, 'checkbox'),
  }
}

function readChoices(kind: string, offered: Choices) {
  const values = Object.keys(offered ?? {})
  if (values.length === 0 || values.includes(''))
    invalid(`${kind}.choices`, offered, `Name what can be chosen, with words: { small: 'Small' }.`)
  return { choices: offered, values, longest: Math.max(...values.map((value) => value.length)) }
}

const SELECTED = html`selected`

function select({ id, name, texts, state }: ControlAt, offered: Choices, autocomplete: string, required: boolean): SafeHtml {
  const chosen = texts[0] !== undefined && Object.hasOwn(offered, texts[0]) ? texts[0] : undefined
  // An empty line first, where nothing is chosen: the first of the list would be sent by those who overlook it.
  const empty = chosen === undefined || !required
  return html`<select id="${id}" name="${name}" autocomplete="${autocomplete}" ${stateOf(state)}>
    ${empty && html`<option value=""></option>`}${Object.entries(offered).map(
      ([value, words]) => html`<option value="${value}" ${value === chosen && SELECTED}>${words}</option>`,
    )}
  </select>`
}

/** The first has the id of the field: a link to the field leads to it. */
function boxes({ id, name, texts, state }: ControlAt, offered: Choices, type: 'radio' | 'checkbox'): SafeHtml {
  const { autofocus, required, 'aria-invalid': invalidity } = state
  return html`${Object.entries(offered).map(([value, words], index) => {
    const own = index === 0 ? id : `${id}-${index + 1}`
    const first = index === 0 && { autofocus }
    const each = {
      type,
      checked: texts.includes(value),
      'aria-invalid': invalidity,
      required: type === 'radio' && required,
      ...first,
    }
    return html`<label class="check" for="${own}"
      ><input id="${own}" name="${name}" value="${value}" ${attributes(each)} /> <span>${words}</span></label
    >`
  })}`
}
