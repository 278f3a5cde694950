/**
 * Attack A102: our reader of templates against a browser's. Random templates, well made and not, with a value wherever one can stand: what
 * the reader takes must stand in the browser's tree where the reader says. A browser that reads them otherwise reads values as something
 * they were not escaped for.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import { attributes, html, type HtmlValue } from '../../src/html/html.ts'
import { attributeRule } from '../../src/html/names.ts'
import { scan, type Place } from '../../src/html/scan.ts'
import { randomTemplates } from '../support/random-templates.ts'
import { chromiumPath } from '../support/services.ts'

/** Where templates are read: as a page with scripts off, and as a part of one with scripts on. */
const WHERE = ['page', 'div', 'table', 'select'] as const

/** Reads each, and says of each mark where it stands: `[text, namespace, element, its type]`, `[attribute, element, name, value]`, … */
const READ = `(where, pages) => pages.map(({ text, marks }) => {
  const root = where === 'page' ? new DOMParser().parseFromString(text, 'text/html') : document.createElement(where)
  // Only what stands in a page is read with scripts on.
  if (where !== 'page') { document.body.replaceChildren(root); root.innerHTML = text }
  const seen = marks.map(() => [])
  const note = (text, ...what) => marks.forEach((mark, index) => { if (text.toLowerCase().includes(mark)) seen[index].push(what) })
  const walk = (node) => {
    for (const one of node.childNodes) {
      if (one.nodeType === 1) note(one.nodeName, 'element')
      else if (one.nodeType === 8) note(one.data, 'comment')
      else note(one.data ?? '', 'text', node.namespaceURI, node.localName, node.getAttribute?.('type') ?? '')
      for (const { name, value } of one.attributes ?? []) {
        note(name, 'name')
        note(value, 'attribute', one.localName, name, value)
      }
      for (const inside of [one, one.content, one.shadowRoot]) if (inside?.childNodes) walk(inside)
    }
  }
  walk(root)
  return seen
})`

const HTML = 'http://www.w3.org/1999/xhtml'
const RAW = new Set(['script', 'style', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext'])
const SCRIPTS = new Set(['', 'module', 'text/javascript', 'application/javascript'])
const HERE = 'https://here.example/a/b'
/** What would make another address of one whose beginning is not settled. */
const TRICKS = [
  'javascript:hit()',
  '//evil.example/',
  ':hit()',
  '/evil.example/',
  '\\evil.example/',
  'script:hit()',
  '@evil.example/',
  '.evil.example/',
]

/** Where a mark stands that should stand elsewhere. */
function problemOf(place: Place, mark: string, [kind = '', ...rest]: readonly string[]): string | undefined {
  if (kind === 'text') return problemOfText(place, rest)
  if (kind === 'attribute') return problemOfAttribute(place, mark, rest)
  return kind === 'name' && place === 'attributes' ? undefined : `${place} in a ${kind}`
}

function problemOfText(place: Place, [namespace, parent = '', type = '']: readonly string[]): string | undefined {
  const own = namespace === HTML
  // With scripts on it is text, in which nothing means anything but its end.
  if (own && parent === 'noscript') return undefined
  const isText = place === 'text' || place === 'plain-text'
  if (own && parent === 'style' && place.startsWith('css')) return undefined
  const runs = SCRIPTS.has(type.toLowerCase())
  if (own && parent === 'script' && (place === 'script-string' || place === (runs ? 'script' : 'json'))) return undefined
  if (!isText || (own && RAW.has(parent)) || parent === 'script' || parent === 'style') return `${place} in the text of ${parent}`
  // Markup may stand where text does: there it would be text.
  return place === 'text' && own && (parent === 'title' || parent === 'textarea') ? `text in ${parent}` : undefined
}

const ADDRESSES = ['url', 'code-url']

function problemOfAttribute(
  place: Place,
  mark: string,
  [element = '', name = '', value = '']: readonly string[],
): string | undefined {
  const rule = attributeRule(element.toLowerCase(), name.toLowerCase())
  const wrong = `${place} in ${name} of ${element}`
  if (typeof rule === 'object') return wrong
  if (rule === 'css' || rule === 'srcset') return place.startsWith(rule) ? undefined : wrong
  if (rule === place || place === 'code-url') return undefined
  if (place !== 'value' || !ADDRESSES.includes(rule)) return place === 'url' && rule === 'value' ? undefined : wrong
  return TRICKS.some((trick) => leadsElsewhere(value, mark, trick, rule === 'code-url')) ? `${wrong}: ${value}` : undefined
}

function leadsElsewhere(value: string, mark: string, trick: string, code: boolean): boolean {
  const [usual, tricked] = ['', trick].map((text) =>
    URL.parse(
      value.replaceAll(mark, () => text),
      HERE,
    ),
  )
  if (!usual || !tricked) return false
  return tricked.protocol !== usual.protocol || tricked.protocol === 'javascript:' || (code && tricked.origin !== usual.origin)
}

interface Tried {
  readonly template: string
  readonly places: readonly Place[]
  readonly marks: readonly string[]
  readonly text: string
}

/** The template with a mark for each value; nothing where it is refused. */
function tryOne(template: string): Tried | undefined {
  const strings = template.split(/[§¤]/)
  const literal = Object.freeze(Object.defineProperty(strings, 'raw', { value: Object.freeze([...strings]) }))
  try {
    const { places } = scan(strings)
    const marks = places.map((_, index) => `q${index}z`)
    const valueAt = (place: Place, mark: string): HtmlValue => {
      if (place === 'attributes') return attributes({ [`data-${mark}`]: 'x' })
      return place === 'code-url' ? `/${mark}` : mark
    }
    const values = places.map((place, index) => valueAt(place, marks[index]!))
    return { template, places, marks, text: html(literal as never, ...values).toString() }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

const path = await chromiumPath()
const EACH = process.env['HOLDFAST_TEST_LONG'] === '1' ? 50_000 : 2500

describe('a browser that reads templates', { skip: 'skip' in path ? path.skip : false, timeout: 900_000 }, () => {
  let [browser, page] = [undefined as unknown as Browser, undefined as unknown as Page]
  before(async () => {
    if ('skip' in path) return
    browser = await chromium.launch({ executablePath: path.url, args: ['--no-sandbox'] })
    page = await (await browser.newContext({ offline: true })).newPage()
    await page.setContent(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><body></body>`)
  })
  after(() => browser?.close())

  async function problemsOf(where: string, tried: readonly Tried[]): Promise<readonly string[]> {
    const sent = JSON.stringify(tried.map(({ text, marks }) => ({ text, marks })))
    const seen = await page.evaluate<string[][][][]>(`(${READ})('${where}', ${sent})`)
    return tried.flatMap(({ template, places, marks }, at) =>
      places.flatMap((place, index) => {
        const problems = seen[at]![index]!.map((stands) => problemOf(place, marks[index]!, stands)).filter(
          (one) => one !== undefined,
        )
        return problems.map((problem) => `${problem}: ${template}`)
      }),
    )
  }

  for (const [index, where] of WHERE.entries())
    it(`finds every value where our reader does, in a ${where}`, async () => {
      const next = randomTemplates(1_020_000 + index)
      let values = 0
      for (let done = 0; done < EACH;) {
        const tried: Tried[] = []
        while (tried.length < 250) {
          const one = tryOne(next())
          if (one && one.places.length > 0) tried.push(one)
        }
        assert.deepEqual(await problemsOf(where, tried), [])
        done += tried.length
        values += tried.reduce((sum, { places }) => sum + places.length, 0)
      }
      assert.ok(values >= EACH)
    })

  it('would tell if they read differently', async () => {
    const misread = (template: string, place: Place): Tried => {
      return { template, places: [place], marks: ['q0z'], text: template.replace('§', 'q0z') }
    }
    const wrong: readonly (readonly [string, Place])[] = [
      ['<svg><desc><title><a title="</title>§"></title>', 'value'],
      ['<svg><p><title>§</title>', 'text'],
      ['<a href="java§">', 'value'],
      ['<a href="§">', 'value'],
      ['<script src="/§">', 'value'],
      ['<p onclick="§">', 'value'],
      ['<p title="§">', 'text'],
      ['<p title=a§="b">', 'attributes'],
      ['<style>p { color: § }</style>', 'text'],
      ['<script>§</script>', 'json'],
      ['<script type="importmap">"§"</script>', 'script'],
      ['<!-- § -->', 'text'],
      ['<p §>', 'text'],
    ]
    for (const [template, place] of wrong)
      assert.equal((await problemsOf('page', [misread(template, place)])).length, 1, `${place}: ${template}`)
  })
})
