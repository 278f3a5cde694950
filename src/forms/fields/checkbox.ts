/** A box to tick: on or off. Any other word that a form sends for it is refused. */
import { attributes, html } from '../../html/html.ts'
import { baseOf, ok, wrong, type Field, type FieldOptions, type Judging } from '../field.ts'

const ON = 'on'

/** `required: true` means that it has to be ticked. @default false */
export function checkbox(options: FieldOptions): Field<boolean>
export function checkbox<Output>(options: FieldOptions & Judging<Output>): Field<Output>
export function checkbox(options: FieldOptions & Partial<Judging<unknown>>): Field<any> {
  const base = baseOf('checkbox', { ...options, required: options?.required ?? false }, [])
  const check = (ticked: boolean) => (base.required && !ticked ? wrong('required') : ok(ticked))
  return {
    ...base,
    longest: ON.length,
    shape: 'box',
    fromTexts: ([sent]) => (sent === undefined || sent === ON ? check(sent === ON) : wrong('choice')),
    fromJson: (value) => (value === undefined || typeof value === 'boolean' ? check(value === true) : wrong('type')),
    textsOf: (value) => (value === true ? [ON] : []),
    json: base.required ? { const: true } : { type: 'boolean' },
    control: ({ id, name, texts, state }) =>
      html`<input id="${id}" name="${name}" ${attributes({ type: 'checkbox', value: ON, checked: texts[0] === ON, ...state })} />`,
  }
}
