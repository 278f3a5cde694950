/** A table of a hundred rows: our templates, plain concatenation, EJS and Nunjucks, in turn. */
import ejs from 'ejs'
import nunjucks from 'nunjucks'
import { escapeHtml, html } from '../src/html/html.ts'
import { quantile } from './load.ts'

interface Row {
  readonly id: number
  readonly name: string
  readonly mail: string
  readonly note: string
}

const rows: readonly Row[] = Array.from({ length: 100 }, (_, id) => ({
  id,
  name: `Person number ${id}`,
  mail: `person.${id}@mail.example`,
  note: id % 10 === 0 ? `likes <tea> & "biscuits"` : 'wrote last week and wants to be called back',
}))

const ejsPage = ejs.compile(
  `<table><% for (const row of rows) { %><tr id="row-<%= row.id %>"><td><a href="/people/<%= row.id %>"><%= row.name %></a></td><td><%= row.mail %></td><td><%= row.note %></td></tr><% } %></table>`,
)
const nunjucksPage = nunjucks.compile(
  `<table>{% for row in rows %}<tr id="row-{{ row.id }}"><td><a href="/people/{{ row.id }}">{{ row.name }}</a></td><td>{{ row.mail }}</td><td>{{ row.note }}</td></tr>{% endfor %}</table>`,
  new nunjucks.Environment(null, { autoescape: true }),
)

/** THE LIST: each makes the same page. Plain concatenation escapes nothing: it is what one would write without thinking. */
const RENDERERS: Readonly<Record<string, () => string>> = {
  'plain concatenation, unescaped': () => {
    let page = '<table>'
    for (const { id, name, mail, note } of rows) {
      page += `<tr id="row-${id}"><td><a href="/people/${id}">${name}</a></td><td>${mail}</td><td>${note}</td></tr>`
    }
    return `${page}</table>`
  },
  'plain concatenation, escaped by hand': () => {
    let page = '<table>'
    for (const { id, name, mail, note } of rows) {
      page += `<tr id="row-${id}"><td><a href="/people/${id}">${escapeHtml(name)}</a></td><td>${escapeHtml(mail)}</td><td>${escapeHtml(note)}</td></tr>`
    }
    return `${page}</table>`
  },
  html: () => {
    const row = ({ id, name, mail, note }: Row) =>
      html`<tr id="row-${id}"><td><a href="/people/${id}">${name}</a></td><td>${mail}</td><td>${note}</td></tr>`
    return html`<table>${rows.map(row)}</table>`.toString()
  },
  EJS: () => ejsPage({ rows }),
  Nunjucks: () => nunjucksPage.render({ rows }),
}

export function templates(): void {
  const names = Object.keys(RENDERERS)
  for (const name of names) time(RENDERERS[name]!, 2000)
  const times = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < ROUNDS; round++) for (const name of names) times.get(name)!.push(time(RENDERERS[name]!, 50))
  const plain = quick(times.get(names[0]!)!)
  console.log('\nA table of 100 rows, microseconds, and the ratio to plain concatenation:')
  for (const [name, list] of times)
    console.log(`  ${name.padEnd(38)}${quick(list).toFixed(1).padStart(8)}${(quick(list) / plain).toFixed(2).padStart(8)} ×`)
}

/** Rounds are short and many, in turn: whatever else the machine does makes some of them longer, and the quick ones are compared. */
const ROUNDS = 120
const quick = (times: readonly number[]): number => quantile(Float64Array.from(times).toSorted(), 0.1)

/** Microseconds for one page. Each is made into bytes, as it would be to be sent: a string that nobody reads is not built at all. */
function time(render: () => string, rounds: number): number {
  const start = process.hrtime.bigint()
  let bytes = 0
  for (let index = 0; index < rounds; index++) bytes += Buffer.from(render()).length
  if (bytes === 0) throw new Error('The page is empty.')
  return Number(process.hrtime.bigint() - start) / rounds / 1000
}
