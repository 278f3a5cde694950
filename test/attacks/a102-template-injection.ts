import vm from 'node:vm'
import { html, json, render, SafeHtml, SafeUrl, type HtmlValue } from '../../src/html/html.ts'
import { defineAttack } from '../support/attack.ts'

const HELD = { heldBy: 'design', why: 'the template knows each place before a value comes; no option changes that' } as const
const ENDS = [
  '</script>',
  '</style>',
  '</title>',
  '-->',
  '"',
  "'",
  '`',
  '${hit()}',
  '\\',
  '\n',
  '\u2028',
  ' ',
  '>',
  '}',
  ';',
  '*/',
]
const RUNS = ['<script>hit()</script>', ' onerror=hit() ', 'hit()//', '-hit()-', ';hit();//', 'javascript:hit()', '{color:red}']
const PAYLOADS = ENDS.flatMap((end) => RUNS.map((run) => end + run))

/** The tags of a page with the names of their attributes: what a payload that gets out changes. */
const shapeOf = (page: SafeHtml): string =>
  String(page)
    .replaceAll(/="[^"]*"/g, '')
    .match(/<[^>]*>/g)
    ?.join('') ?? ''

const getsOut = (write: (value: string) => SafeHtml): boolean =>
  PAYLOADS.some((payload) => shapeOf(write(payload)) !== shapeOf(write('x')))

function getsRun(page: SafeHtml): boolean {
  const context = { hits: 0 }
  vm.runInNewContext(`function hit() { hits++ }\n${String(page).slice('<script>'.length, -'</script>'.length)}`, context)
  return context.hits > 0
}

/** For what the types forbid and a request brings. */
const untyped = (value: any): any => value

export default [
  defineAttack({
    id: 'A102',
    title: 'ends the text, the title or the attribute, quoted or not, that its words stand in',
    control: 'html',
    without: HELD,
    async succeeds() {
      return getsOut((x) => html`<title>${x}</title><p title="${x}" lang=${x}>${x}</p><!-- ${x} --><textarea>${x}</textarea>`)
    },
  }),
  defineAttack({
    id: 'A102b',
    title: 'gives an address that runs, alone, in a list of images, or for a script to be loaded from',
    control: 'html',
    without: HELD,
    async succeeds() {
      const spellings = [
        'javascript:hit()',
        ' java\tscript:hit()',
        'JAVASCRIPT:hit()',
        'data:text/html,x',
        '\u0001javascript:hit()',
      ]
      const pages = spellings.map((x) => html`<a href="${x}">a</a><a href=${x}>b</a><img srcset="${x} 1x, ${x} 2x">`)
      const loaded = ['//evil.example/a.js', 'https://evil.example/a.js'].map((x) => html`<script src="${x}"></script>`)
      return [...pages, ...loaded].some((page) => /(?:javascript|data):|evil\.example/i.test(String(page)))
    },
  }),
  defineAttack({
    id: 'A102c',
    title: 'writes rules and addresses into a style sheet through a colour',
    control: 'html',
    without: HELD,
    async succeeds() {
      const usual = String(html`<style>p { color: ${'red'} }</style>`)
      const colours = [...PAYLOADS, 'url(//evil.example)', 'red;background:url(//evil.example)', '\\75rl(//evil.example)', '/*']
      return colours.some((x) => String(html`<style>p { color: ${x} }</style>`) !== usual.replace('red', 'blocked-value'))
    },
  }),
  defineAttack({
    id: 'A102d',
    title: 'runs from the data of a script: an expression, a string, a template literal, a data block, a key named __proto__',
    control: 'html',
    without: HELD,
    async succeeds() {
      const write = (x: string) =>
        html`<script>a = ${x}; b = "${x}" + '${x}'; c = \`${x}\`; d = ${json({ [x]: x, ['__proto__']: { admin: true } })}</script>`
      if (getsOut(write)) return true
      return PAYLOADS.some((payload) => {
        const context = { hits: 0, d: { admin: false } }
        const script = String(write(payload)).slice('<script>'.length, -'</script>'.length)
        vm.runInNewContext(`function hit() { hits++ }\n${script}`, context)
        return context.hits > 0 || context.d.admin
      })
    },
  }),
  defineAttack({
    id: 'A102e',
    title: 'sends JSON that looks like markup or an address that was checked',
    control: 'html',
    without: HELD,
    async succeeds() {
      const bait = JSON.parse(
        '{"text": "<script>hit()</script>", "piece": "<script>hit()</script>", "__proto__": {"declared": true}}',
      )
      const disguised = [bait, Object.setPrototypeOf({ ...bait }, SafeHtml.prototype), Object.create(SafeUrl.prototype)]
      const shows = (value: HtmlValue, write: (value: HtmlValue) => SafeHtml) => {
        try {
          return String(write(value)).includes('<script>hit')
        } catch (error) {
          if (error instanceof TypeError) return false
          throw error
        }
      }
      const places = [
        (x: HtmlValue) => html`<p>${x}</p>`,
        (x: HtmlValue) => html`<p ${x}>`,
        (x: HtmlValue) => html`<a href="${x}">`,
      ]
      return disguised.some((value) => places.some((write) => shows(untyped(value), write)))
    },
  }),
  defineAttack({
    id: 'A102f',
    title: 'brings a script of its own and hopes for the nonce of the page',
    control: 'html',
    without: HELD,
    async succeeds() {
      const words = ['<script>hit()</script>', '<script\0>hit()</script>', '\0', 'a\0"b']
      const pages = words.map((x) => render(html`<script>a = ${x}</script><p title="${x}">${x}</p>`, { nonce: 'secret' }))
      return pages.some((page) => page.split('secret').length !== 2)
    },
  }),
  defineAttack({
    id: 'A102g',
    title: 'is taken for a string where a / in a new line begins a regular expression, or names the module that is loaded',
    control: 'html',
    without: HELD,
    async succeeds() {
      // Under another name, so that no formatter puts a semicolon where the line ends.
      const page = html
      const write = (x: string) => page`<script>let c
        /"/.test('a'); d = ${x}; e = ""</script>`
      const load = (x: string) => page`<script type="module">import '${x}'</script>`
      return [() => getsRun(write('hit()')), () => String(load('//evil.example/a.js')).includes('evil.example')].some((tried) => {
        try {
          return tried()
        } catch (error) {
          if (error instanceof TypeError) return false
          throw error
        }
      })
    },
  }),
]
