/** A field of which several may come: each is read by the field inside, empty lines are left out. */
import { invalid, wholeNumber } from '../../engine/options.ts'
import { html } from '../../html/html.ts'
import { ok, wrong, type Field, type FieldRead } from '../field.ts'

export interface ListOptions {
  /** How many. */
  readonly most: number
}

/** Values in the order in which they came. With a field that is required, at least one. Shown as inputs under one label. */
export function list<Value>(field: Field<Value>, { most }: ListOptions): Field<readonly Value[]> {
  wholeNumber('list.most', most, 1, 1000)
  if (field.schema !== undefined)
    invalid('list.schema', field.kind, 'Give the schema to the whole form: that of one line would not be asked.')
  if (field.shape !== undefined || field.most !== undefined || field.kind === 'file')
    invalid('list', field.kind, 'Give a field of text, an address, a number, a date or a choice.')

  function each(items: readonly unknown[], read: (item: unknown) => FieldRead): FieldRead {
    if (items.length > most) return wrong('too-many', most)
    const values: unknown[] = []
    for (const item of items) {
      const result = read(item)
      if (!result.ok) return result
      values.push(result.value)
    }
    return values.length === 0 && field.required ? wrong('required') : ok(values)
  }

  const { type: _type, ...rest } = field
  return {
    ...rest,
    most,
    shape: 'lines',
    schema: undefined,
    fromTexts: (texts) =>
      each(
        texts.filter((typed) => typed !== ''),
        (typed) => field.fromTexts([typed as string]),
      ),
    fromJson(value) {
      if (value === undefined) return each([], field.fromJson)
      return Array.isArray(value) ? each(value, field.fromJson) : wrong('type')
    },
    textsOf: (value) => (Array.isArray(value) ? value.flatMap((item) => field.textsOf(item)) : []),
    json: { type: 'array', items: field.json, maxItems: most, ...(field.required && { minItems: 1 }) },
    control({ id, name, texts, state }) {
      const { required: _required, autofocus, ...shared } = state
      const shown = Math.min(most, texts.length + 2)
      return html`${Array.from({ length: shown }, (_, index) => {
        const own = index === 0 ? id : `${id}-${index + 1}`
        const more = { ...shared, 'aria-label': `${field.label} ${index + 1}`, ...(index === 0 && { autofocus }) }
        return field.control({ id: own, name, texts: texts.slice(index, index + 1), state: more })
      })}`
    },
  }
}
