/**
 * Attack A102: scripts in which a `/` could divide or begin a regular expression, filled and then read by a whole parser of JavaScript:
 * nothing of a value may be anything but a string. Whoever reads one `/` wrongly takes code for a string from there on.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseSync } from 'oxc-parser'
// Under another name, so that no formatter rewrites the templates that are tested.
import { html as page, json, type HtmlValue } from './html.ts'

const BEFORE = [
  ...[
    'let a',
    'var b = 1',
    'a',
    'a.b',
    'a?.in',
    'return',
    'return a',
    'break',
    'continue',
    'debugger',
    'throw a',
    'yield',
    'await a',
  ],
  ...[
    'a++',
    'a--',
    '++a',
    'x => x',
    '() => {}',
    'class A {}',
    'function f() {}',
    'if (a) b',
    'if (a)',
    'else',
    'do {} while (a)',
  ],
  ...[
    '(a)',
    '[a]',
    '{a}',
    '({})',
    '`a`',
    '"a"',
    '/a/',
    'typeof',
    'void',
    'a in',
    'a =',
    'a,',
    'a ?',
    'a ? b :',
    '...',
    'new',
    'b:',
    '!',
  ],
  ...[
    'f(...',
    '[...',
    'x =>',
    'export default',
    'class A extends',
    'for (const a of',
    'case',
    'async',
    'of',
    'from',
    'get',
    '1',
    '.5',
    '1.',
  ],
]
const GAP = ['', '', ' ', '\n', '/*\n*/', ' // b\n', '\u2028', '\r\n']
const SLASH = ['/"/', "/'/", '/`/', '/x/', '/[/"]/', '/ "', '/', '/\\/"/']
const AFTER = ['', '.test(a)', '.source', ' / 1', '"', '`', "'", ')', ']', '}', ')]', 'g']
const REST = [
  '; c = §',
  '\nc = §',
  ', §',
  '.b(§)',
  '"§"',
  '`§`',
  "'§'",
  '; c = "§"',
  '; c = `${§}`',
  '\n§',
  '; return\n§ /"/; c = §',
]
const AROUND = [
  ...[
    '~',
    'for (;;) { ~ }',
    'function* g() { ~ }',
    'async function h() { ~ }',
    '[~]',
    'f(~)',
    '({ a: ~ })',
    'switch (a) { case 1: ~ }',
  ],
  ...['if (a) ~', '`${~}`', '() => { ~ }'],
]
/** Characters that no place escapes: what they could do there is what an expression could. */
const TEXTS = ['zq', ';zq;', ',zq,', '+zq+', '(zq)', '.zq', '=zq', '],zq,[', '?zq:zq', ' zq ', '-zq-', '*zq', '@zq', '#zq', '!zq']
const OTHERS: readonly HtmlValue[] = [json({}), json({ a: 1 }), [], -1, 0, true, null, '']

const shape = fc.tuple(...[AROUND, BEFORE, GAP, SLASH, AFTER, REST].map((list) => fc.constantFrom(...list)))
const script = shape.map(([around = '', ...parts]) => around.replace('~', () => parts.join('')))
const value = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...TEXTS) }, { weight: 1, arbitrary: fc.constantFrom(...OTHERS) })

/** What the language gives a tag: frozen, with `raw`. */
function literalOf(strings: readonly string[]): TemplateStringsArray {
  return Object.freeze(Object.defineProperty([...strings], 'raw', { value: Object.freeze([...strings]) })) as never
}

/** The script with its values; nothing where the template is refused. */
function filled(text: string, values: readonly HtmlValue[]): string | undefined {
  try {
    const whole = page(literalOf(`<script>${text}</script>`.split('§')), ...values).toString()
    return whole.slice('<script>'.length, -'</script>'.length)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Whether a name or a regular expression was made of a value; nothing where the whole does not run. */
function isCode(text: string): boolean | undefined {
  const read = (['script', 'module'] as const).map((sourceType) => parseSync('a.js', text, { sourceType }))
  const runs = read.filter(({ errors }) => errors.length === 0)
  const isOut = (_: string, node: unknown) => (typeof node === 'bigint' ? String(node) : node)
  return runs.length === 0
    ? undefined
    : runs.some(({ program }) => /"(?:name|pattern)":"[^"]*zq/.test(JSON.stringify(program, isOut)))
}

describe('a value in a script', () => {
  const long = process.env['HOLDFAST_TEST_LONG'] === '1'

  it('is never code, however a / before it is read', () => {
    let ran = 0
    fc.assert(
      fc.property(script, fc.array(value, { minLength: 2, maxLength: 2 }), (text, values) => {
        const made = filled(text, values)
        const out = made === undefined ? undefined : isCode(made)
        if (out !== undefined) ran++
        assert.notEqual(out, true, made)
      }),
      { numRuns: long ? 400_000 : 20_000 },
    )
    assert.ok(ran > (long ? 6000 : 300), `only ${ran} were scripts`)
  })

  it('would be code where it is written as it came', () => {
    const scripts = fc.sample(script, { numRuns: 2000, seed: 102 })
    assert.ok(scripts.some((text) => isCode(text.replaceAll('§', ';zq;')) === true))
  })
})
