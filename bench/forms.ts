/** A form of ten fields, also by a schema alone: read and shown, against the schema library and a template alone, in turn. */
import * as v from 'valibot'
import { area, checkbox, choice, date, email, form, number, text, url } from '../src/forms/index.ts'
import { readForm } from '../src/forms/read.ts'
import { viewOf } from '../src/forms/view.ts'
import { html } from '../src/html/html.ts'
import { median } from './load.ts'

const sizes = { small: 'Small', large: 'Large' } as const

const { fields } = form('bench', {
  title: text({ label: 'Title', max: 120 }),
  notes: area({ label: 'Notes', max: 4000 }),
  name: text({ label: 'Name' }),
  mail: email({ label: 'Address' }),
  page: url({ label: 'Page' }),
  count: number({ label: 'How many', min: 1, max: 10 }),
  price: number({ label: 'Price', decimals: 2, min: 0, max: 1000 }),
  day: date({ label: 'Day' }),
  size: choice({ label: 'Size', choices: sizes }),
  agreed: checkbox({ label: 'I agree' }),
})

/** As near as the library's own words come: no forms of Unicode, no control characters, no name twice. */
const schema = v.strictObject({
  title: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(120)),
  notes: v.pipe(v.string(), v.trim(), v.maxLength(4000)),
  name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200)),
  mail: v.pipe(v.string(), v.email(), v.maxLength(254)),
  page: v.pipe(v.string(), v.url(), v.maxLength(2000)),
  count: v.pipe(v.string(), v.decimal(), v.transform(Number), v.minValue(1), v.maxValue(10)),
  price: v.pipe(v.string(), v.decimal(), v.transform(Number), v.minValue(0), v.maxValue(1000)),
  day: v.pipe(v.string(), v.isoDate()),
  size: v.picklist(['small', 'large']),
  agreed: v.pipe(
    v.literal('on'),
    v.transform(() => true),
  ),
})

const word = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(120))
/** The same ten, found in a schema that takes them as programs send them. */
const alone = v.object({
  title: word,
  notes: v.pipe(v.string(), v.trim(), v.maxLength(4000)),
  name: word,
  mail: v.pipe(v.string(), v.email(), v.maxLength(254)),
  page: v.pipe(v.string(), v.url(), v.maxLength(2000)),
  count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)),
  price: v.pipe(v.number(), v.minValue(0), v.maxValue(1000)),
  day: v.pipe(v.string(), v.isoDate()),
  size: v.picklist(['small', 'large']),
  agreed: v.literal(true),
})
const lines = v.object({ lines: v.pipe(v.array(alone), v.maxLength(100)) })

const sent = {
  ...{ title: 'Two herons at the weir', notes: 'They stood still for an hour.\r\nThen it rained.', name: 'Mira Raman' },
  ...{ mail: 'mira@example.org', page: 'https://example.org/herons', count: '2', price: '12.50', day: '2026-03-31' },
  ...{ size: 'large', agreed: 'on' },
}
const typed = Object.fromEntries(Object.entries(sent).map(([name, value]) => [name, [value]]))
const reading = { fields, schema: undefined, messages: undefined }
const told = { ...sent, notes: 'They stood still for an hour. Then it rained.', count: 2, price: 12.5, agreed: true }
const hundred = { lines: Array.from({ length: 100 }, () => told) }
const foundIn = (of: typeof alone | typeof lines) =>
  ({ fields: form('found', of as typeof alone).fields, schema: of, messages: undefined, found: { more: [] } }) as const
const found = { alone: foundIn(alone), lines: foundIn(lines) }
const setting = { csrf: { name: '_csrf', value: 'x'.repeat(90) }, once: undefined, seal: () => '' }

const row = (name: string, label: string, control: unknown) =>
  html`<div class="field"><label for="${name}">${label}</label>${control as never}</div>`
const input = (name: string, label: string, value: string, max: number) =>
  row(
    name,
    label,
    html`<input id="${name}" name="${name}" type="text" value="${value}" maxlength="${max}" required autocomplete="off" />`,
  )

/** THE LIST, in pairs: the library alone, then the form. */
const WORK: Readonly<Record<string, () => unknown>> = {
  'read: valibot alone': () => v.safeParse(schema, sent),
  'read: form': () => readForm(reading, { as: 'texts', fields: sent }),
  'read JSON: valibot alone': () => v.safeParse(alone, told),
  'read JSON, by schema alone: form': () => readForm(found.alone, { as: 'json', value: told }),
  'read JSON, a hundred of them: valibot alone': () => v.safeParse(lines, hundred),
  'read JSON, a hundred of them: form': () => readForm(found.lines, { as: 'json', value: hundred }),
  'show: the fields in one template, by hand': () =>
    html`<form method="post" action="/x" class="stack" novalidate>
      <input type="hidden" name="_csrf" value="${setting.csrf.value}" />
      ${input('title', 'Title', sent.title, 120)}
      ${row('notes', 'Notes', html`<textarea id="notes" name="notes" rows="6" maxlength="4000" required>${sent.notes}</textarea>`)}
      ${input('name', 'Name', sent.name, 200)} ${input('mail', 'Address', sent.mail, 254)} ${input('page', 'Page', sent.page, 2000)}
      ${input('count', 'How many', sent.count, 40)} ${input('price', 'Price', sent.price, 40)} ${input('day', 'Day', sent.day, 10)}
      ${row('size', 'Size', html`<select id="size" name="size">${Object.entries(sizes).map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select>`)}
      <label class="check" for="agreed"><input id="agreed" name="agreed" type="checkbox" value="on" checked /> <span>I agree</span></label>
      <button class="btn primary">Send</button>
    </form>`.toString(),
  'show: form': () => viewOf({ fields, messages: undefined }, { action: '/x', sent: { typed } }, setting).html.toString(),
}

export async function formsCost(): Promise<void> {
  const times = new Map(Object.keys(WORK).map((name) => [name, [] as number[]]))
  for (const [name, work] of Object.entries(WORK)) await time(work, countOf(name, 3000))
  for (let round = 0; round < 11; round++)
    for (const [name, work] of Object.entries(WORK)) times.get(name)!.push(await time(work, countOf(name, 2000)))
  console.log('\nA form of ten fields, microseconds, and the ratio to the line before:')
  let before = 0
  for (const [name, all] of times) {
    const middle = median(all)
    console.log(
      `  ${name.padEnd(44)} ${middle.toFixed(1).padStart(6)}  ${name.endsWith(': form') ? (middle / before).toFixed(2) : ''}`,
    )
    before = middle
  }
}

const countOf = (name: string, count: number) => (name.includes('hundred') ? count / 40 : count)

/** Microseconds for one. */
async function time(work: () => unknown, count: number): Promise<number> {
  const begin = process.hrtime.bigint()
  for (let index = 0; index < count; index++) await work()
  return Number(process.hrtime.bigint() - begin) / 1000 / count
}
