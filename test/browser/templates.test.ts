/**
 * Pairs of a place and a payload, rendered and loaded by a real browser: nothing runs, and nothing gets out of its place.
 * Their twins without escaping do run and do get out, or the test would prove nothing.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { chromium, type Browser, type Page } from 'playwright-core'
import { attributes, html, htmlAsync, htmlStream, toStream } from '../../src/html/html.ts'
import { chromiumPath } from '../support/services.ts'

type Tag = (strings: TemplateStringsArray, ...values: readonly any[]) => unknown

/** The ways to make a page, each a function of the kit. */
interface Ways {
  readonly page: Tag
  /** `htmlAsync`. */
  readonly later: Tag
  /** `htmlStream`, as the text that was sent. */
  readonly sent: Tag
  readonly more: (values: Readonly<Record<string, string>>) => any
}

const ours: Ways = {
  page: html,
  later: htmlAsync,
  sent: (strings, ...values) => new Response(toStream(htmlStream(strings, ...values))).text(),
  more: attributes,
}

const raw: Tag = (strings, ...values) => String.raw({ raw: strings }, ...values.map((value) => [value].flat().join('')))
const rawLater: Tag = async (strings, ...values) => {
  return raw(strings, ...(await Promise.all(values.map((value) => (Array.isArray(value) ? Promise.all(value) : value)))))
}

/** The same without escaping: what a template engine does that knows nothing of the place. */
const without: Ways = {
  ...{ page: raw, later: rawLater, sent: rawLater },
  more: (values) =>
    Object.entries(values)
      .map(([name, value]) => `${name}="${value}"`)
      .join(' '),
}

const soon = async (x: string): Promise<string> => x

/** Each place of a page in which a value may stand, written once for both. */
const PLACES: Readonly<Record<string, (ways: Ways, x: string) => unknown>> = {
  text: ({ page }, x) => page`<p>${x}</p>`,
  'text in a table': ({ page }, x) => page`<table><tr><td>${x}</td></tr></table>`,
  'text in svg': ({ page }, x) => page`<svg><text>${x}</text></svg>`,
  'a title': ({ page }, x) => page`<title>${x}</title>`,
  'a text area': ({ page }, x) => page`<textarea>${x}</textarea>`,
  'a double-quoted value': ({ page }, x) => page`<p title="a ${x} b">c</p>`,
  'a single-quoted value': ({ page }, x) => page`<p title='${x}' lang='${x}'>c</p>`,
  'an unquoted value': ({ page }, x) => page`<p title=${x} lang=a${x}b>c</p>`,
  'a link': ({ page }, x) => page`<a href="${x}">c</a>`,
  'an unquoted link': ({ page }, x) => page`<a href=${x}>c</a>`,
  'the path of a link': ({ page }, x) => page`<a href="/a/${x}?b=${x}#${x}">c</a>`,
  'a form': ({ page }, x) => page`<form action="${x}"><button formaction="${x}">c</button></form>`,
  'an image': ({ page }, x) => page`<img src="${x}" alt="${x}">`,
  'a list of images': ({ page }, x) => page`<img srcset="${x}" alt="">`,
  'parts of a list of images': ({ page }, x) => page`<img srcset="/${x}.png 1x, /b.png ${x}w" alt="">`,
  'a style attribute': ({ page }, x) => page`<p style="color: ${x}; margin: 0">c</p>`,
  'a string of a style attribute': ({ page }, x) => page`<p style="font-family: '${x}'">c</p>`,
  'a style sheet': ({ page }, x) => page`<style>p { color: ${x}; margin: ${x} }</style>`,
  'a string of a style sheet': ({ page }, x) => page`<style>p::before { content: "${x}" '${x}' }</style>`,
  'a script': ({ page }, x) => page`<script>var a = ${x}; var b = [${x}, ${x}]</script>`,
  'a string of a script': ({ page }, x) => page`<script>var a = "${x}", b = '${x}'</script>`,
  'a template literal': ({ page }, x) => page`<script>var a = \`a ${x} \${\`${x}\` + 1}\`</script>`,
  'a module': ({ page }, x) => page`<script type="module">var a = ${x}, b = "${x}"</script>`,
  'a data block': ({ page }, x) => page`<script type="application/json">{"a": ${x}, "b": "${x}"}</script>`,
  'text in math': ({ page }, x) => page`<math><mi>${x}</mi><mtext>${x}</mtext></math>`,
  'a title of svg': ({ page }, x) => page`<svg><title>${x}</title><foreignObject><p title="${x}">${x}</p></foreignObject></svg>`,
  'a link of svg': ({ page }, x) => page`<svg><a href="${x}" xlink:href="${x}"><text>${x}</text></a></svg>`,
  'a choice': ({ page }, x) => page`<select><option value="${x}">${x}</option></select>`,
  'what is shown without scripts': ({ page }, x) => page`<noscript><p title="${x}">${x}</p></noscript>`,
  'what a table has in front': ({ page }, x) => page`<table>${x}<caption title='${x}'>${x}</caption></table>`,
  'a list of templates': ({ page }, x) => page`<ul>${[x, x].map((one) => page`<li title="${one}">${one}</li>`)}</ul>`,
  'a template in a template': ({ page }, x) => page`<div>${page`<p lang=${x}>${page`<b>${x}</b>`}</p>`}</div>`,
  'attributes of an object': ({ page, more }, x) => page`<p ${more({ title: x, lang: x })}>c</p>`,
  'a link of an object': ({ page, more }, x) => page`<a ${more({ href: x })}>c</a>`,
  'parts that come later': ({ later }, x) =>
    later`<p title="${soon(x)}">${[soon(x), soon(x)]}</p><script>var a = "${soon(x)}"</script>`,
  'parts of a stream': ({ sent }, x) =>
    sent`<p title=${soon(x)}>${[soon(x), x]}</p><a href="${soon(x)}">${x}</a><style>p { color: ${x} }</style>`,
  'a comment': ({ page }, x) => page`<!-- ${x} --><p>c</p>`,
}

const fragment = fc.oneof(
  fc.constantFrom(`"`, `'`, '`', '>', '<', '/', '=', ' ', '\n', '\r', '\f', '\\', '\0', '\u2028', '&', ';', '{', '}', ')', '$'),
  fc.constantFrom(
    '</script>',
    '</style>',
    '</textarea>',
    '</title>',
    '-->',
    '--!>',
    '<!--',
    ']]>',
    '*/',
    '/*',
    '//',
    '</svg>',
    '</p>',
    '</noscript>',
    '</select>',
    '</math>',
  ),
  fc.constantFrom('<script>hit()</script>', '<img src=x onerror=hit()>', '<svg onload=hit()>', '<svg><script>hit()</script>'),
  fc.constantFrom(' onerror=hit() ', ' autofocus onfocus=hit() ', ' onload=hit() src=x ', ' style=color:red ', '<b>', '<style>'),
  fc.constantFrom('javascript:hit()', ' java\tscript:hit()', '\x01javascript:hit()', 'data:text/html,<script>hit()</script>'),
  fc.constantFrom(
    ';hit();//',
    '-hit()-',
    '${hit()}',
    '+hit()+',
    '\nhit()\n',
    'hit()',
    '\\u0022',
    '&quot;',
    '&#34;',
    '&lt;',
    '%22',
  ),
  fc.constantFrom(
    'red;background:url(x)',
    '}*{color:red}',
    '@import "x";',
    'expression(hit())',
    ', x 2x',
    ' 1x',
    'constructor',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const mixed = fc.array(fragment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
/** What ends a place, and what runs after it: the payload of a person who knows the place. */
const aimed = fc
  .tuple(
    fc.constantFrom(
      '',
      '">',
      "'>",
      ' ',
      '</title>',
      '</textarea>',
      '</style>',
      '-->',
      '</script>',
      '</noscript>',
      '</select>',
      '");',
      "');",
      '`;',
    ),
    fc.constantFrom('<script>hit()</script>', '<img src=x onerror=hit()>', '<svg onload=hit()>', 'hit()//', 'javascript:hit()'),
  )
  .map((parts) => parts.join(''))
const payloads = fc.oneof({ weight: 1, arbitrary: mixed }, { weight: 1, arbitrary: aimed })

/** What a browser made of a document. */
interface Seen {
  readonly ran: boolean
  /** Names of all elements and their attributes, in order, and how many rules the style sheets have. */
  readonly skeleton: string
}

const PRELUDE = '<!doctype html><script>function hit() { parent.hits[window.name] = true }</script>'

/** Loads documents into frames, side by side, and says what came of each. A link that would run when followed counts as run. */
const LOAD = `(documents) => {
  globalThis.hits = {}
  return Promise.all(documents.map((text, index) => new Promise((resolve) => {
    const frame = document.createElement('iframe')
    frame.name = String(index)
    frame.onload = () => {
      const inside = frame.contentDocument
      const links = [...inside.querySelectorAll('*')].flatMap((one) => [one.href?.baseVal ?? one.href, one.action, one.formAction])
      const follows = links.some((link) => typeof link === 'string' && /^(?:javascript|vbscript|data):/i.test(link))
      const names = [...inside.querySelectorAll('*')].map((one) => [one.nodeName, ...one.getAttributeNames()].join(' '))
      const rules = [...inside.styleSheets].map((sheet) => sheet.cssRules.length)
      resolve({ ran: globalThis.hits[index] === true || follows, skeleton: [...names, ...rules].join('|') })
      frame.remove()
    }
    frame.srcdoc = text
    document.body.append(frame)
  })))
}`

const long = process.env['HOLDFAST_TEST_LONG'] === '1'
const each = long ? 1000 : 80
const path = await chromiumPath()

describe('a browser that loads templates', { skip: 'skip' in path ? path.skip : false, timeout: 900_000 }, () => {
  let [browser, page] = [undefined as unknown as Browser, undefined as unknown as Page]
  const samples = fc.sample(payloads, { numRuns: each, seed: 102 })

  before(async () => {
    if ('skip' in path) return
    browser = await chromium.launch({ executablePath: path.url, args: ['--no-sandbox'] })
    const context = await browser.newContext({ offline: true })
    page = await context.newPage()
    await page.setContent('<!doctype html><body></body>')
  })
  after(() => browser?.close())

  async function seen(ways: Ways, place: string, groups: readonly (readonly string[])[]): Promise<readonly Seen[]> {
    const write = PLACES[place]!
    const texts = groups.map((group) => Promise.all(group.map(async (sample) => String(await write(ways, sample)))))
    const documents = (await Promise.all(texts)).map((group) => PRELUDE + group.join(''))
    return page.evaluate<Seen[]>(`(${LOAD})(${JSON.stringify(documents)})`)
  }

  const isOut = (one: Seen, harmless: Seen): boolean => one.ran || one.skeleton !== harmless.skeleton

  /** Those of a group that ran or got out: first all in one document, then, to name them, one by one. */
  async function wrongOf(place: string, group: readonly string[]): Promise<readonly string[]> {
    const [harmless, all] = await seen(ours, place, [group.map(() => 'x'), group])
    if (!isOut(all!, harmless!)) return []
    const [alone, ...each] = await seen(ours, place, [['x'], ...group.map((sample) => [sample])])
    const wrong = group.filter((_, index) => isOut(each[index]!, alone!))
    return wrong.length > 0 ? wrong : group
  }

  it(`is tried with ${long ? 'at least 20,000' : '2,000'} pairs`, () => {
    assert.ok(Object.keys(PLACES).length * samples.length >= (long ? 20_000 : 2000))
  })

  for (const place of Object.keys(PLACES)) {
    it(`runs nothing and keeps everything in ${place}`, async () => {
      const wrong: string[] = []
      for (const group of chunks(samples, 40)) wrong.push(...(await wrongOf(place, group)))
      assert.deepEqual(wrong, [])
    })

    it(`would run something, and let it out, in ${place} without escaping`, async () => {
      let [ran, out] = [false, false]
      for (const group of chunks(samples, 16)) {
        if (ran && out) break
        const [harmless, ...others] = await seen(without, place, [['x'], ...group.map((sample) => [sample])])
        ran ||= others.some((one) => one.ran)
        out ||= others.some(({ skeleton }) => skeleton !== harmless!.skeleton)
      }
      assert.deepEqual({ ran, out }, { ran: true, out: true })
    })
  }
})

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size))
}
