/** Random templates for `html`, from a seed: whatever an author could write, and what nobody would. What came of each is looked at. */
import { html, type HtmlValue } from '../../src/html/html.ts'

/** What the language gives a tag: frozen, with `raw`. */
function literalOf(strings: readonly string[]): TemplateStringsArray {
  const copy = [...strings]
  Object.defineProperty(copy, 'raw', { value: Object.freeze([...strings]) })
  return Object.freeze(copy) as unknown as TemplateStringsArray
}

const PIECES = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '=',
    '"',
    "'",
    '`',
    '&',
    ';',
    '/',
    '\\',
    ' ',
    '\n',
    '\t',
    '\r',
    '\f',
    '\0',
    '-',
    '!',
    '?',
    '%',
    '$',
    '{',
    '}',
  ],
  ...[
    '<!--',
    '-->',
    '--!>',
    '<!-->',
    '<![CDATA[',
    ']]>',
    '<!doctype html>',
    '<?xml ?>',
    '&#x6a;',
    '&colon;',
    '\u2028',
    '\uFEFF',
    '\uD800',
    'ſ',
    'İ',
  ],
  ...[
    '<a href="',
    '<a href=',
    '<img src="',
    ' srcset="',
    ' 1x, ',
    ' onclick="',
    ' style="',
    '<p title=',
    '<p ',
    '<input value="',
    '<base href="',
  ],
  ...[
    '<script>',
    '<script type="module">',
    '<script type=" ">',
    '</script>',
    '</script ',
    '<script type="application/json">',
    '<style>',
    '</style>',
  ],
  ...[
    '<textarea>',
    '</textarea>',
    '<title>',
    '</title>',
    '<svg>',
    '</svg>',
    '<math>',
    '<template>',
    '<noscript>',
    '<iframe srcdoc="',
    '<plaintext>',
    '<xmp>',
  ],
  ...[
    'var a = "',
    "var b = '",
    'var c = `',
    '${',
    '/*',
    '*/',
    '//',
    '/re/',
    'let d = ',
    'color: ',
    'url(',
    'url("',
    '@import ',
    ')',
    '(',
    'javascript:',
    'data:',
    'https://a.example/',
    'é',
    '漢',
    '😀',
  ],
  ...[
    '<meta http-equiv="refresh" content="',
    '<object data="',
    '<form action="',
    '<div',
    '</div>',
    '<table><tr><td>',
    '<select><option>',
    'text',
    'x'.repeat(300),
  ],
]

/** Stands in every text that is a value: its brackets must come out as references, wherever it comes out. */
const MARK = '<x7 y="\'`&'
const VALUES: readonly HtmlValue[] = [
  ...[
    MARK,
    `javascript:${MARK}`,
    `"${MARK}`,
    `'${MARK}`,
    `--><script>${MARK}`,
    `</script>${MARK}`,
    `*/${MARK}`,
    `\n${MARK}`,
    `\0${MARK}`,
  ],
  ...[
    `//${MARK}`,
    `/${MARK}`,
    `1x, ${MARK}`,
    `\u2028${MARK}`,
    `\uD800${MARK}`,
    '',
    0,
    -1.5,
    12n,
    true,
    false,
    null,
    undefined,
    [MARK, [MARK]],
  ],
]

/** xorshift32: the same seed, the same templates. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

export interface Tried {
  /** How many were made into text, and how many were refused. */
  readonly filled: number
  readonly refused: number
  /** Milliseconds of the slowest. */
  readonly slowest: number
}

export interface FuzzOptions {
  readonly seed: number
  readonly now: () => number
  /** Asked after each: how many were tried, and for how long. */
  readonly goesOn: (tried: number, milliseconds: number) => boolean
}

/** Longer than this for one template of a few thousand characters is a hang in the making. */
const SLOW = 2000

/** Tries templates; throws with the seed and the template when one crashes, hangs, or lets a value out of its place. */
export function fuzzTemplates({ seed, now, goesOn }: FuzzOptions): Tried {
  const random = generator(seed)
  const counts = { filled: 0, refused: 0, slowest: 0 }
  const began = now()
  for (let tried = 0; goesOn(tried, now() - began); tried++) {
    const values = Array.from({ length: random(6) }, () => VALUES[random(VALUES.length)]!)
    const strings = Array.from({ length: values.length + 1 }, () => text(random))
    const started = now()
    const outcome = attempt(literalOf(strings), values)
    const took = now() - started
    counts[typeof outcome === 'string' ? 'filled' : 'refused']++
    counts.slowest = Math.max(counts.slowest, took)
    const wrong = took > SLOW ? `took ${took} ms` : problemOf(outcome, strings)
    if (wrong !== undefined)
      throw new Error(`Seed ${seed}, template ${tried} ${wrong}:\n${JSON.stringify({ strings, values: values.map(String) })}`)
  }
  return counts
}

function text(random: (below: number) => number): string {
  return Array.from({ length: random(random(8) === 0 ? 200 : 7) }, () => PIECES[random(PIECES.length)]!).join('')
}

function attempt(strings: TemplateStringsArray, values: readonly HtmlValue[]): string | Error {
  const once = (): string | Error => {
    try {
      return html(strings, ...values).toString()
    } catch (error) {
      return error as Error
    }
  }
  const [first, again] = [once(), once()]
  // Without where it was called from, which is found out once.
  const said = (outcome: string | Error) => (typeof outcome === 'string' ? outcome : outcome.message.split(' [')[0])
  return said(first) === said(again) ? first : new Error(`said ${said(first)}, then ${said(again)}`)
}

/** Only a refusal of ours is one; and of a value nothing comes out that could be markup. */
function problemOf(outcome: string | Error, strings: readonly string[]): string | undefined {
  if (typeof outcome !== 'string')
    return outcome instanceof TypeError && outcome.message.startsWith('html:') ? undefined : `ended in ${outcome.stack}`
  if (outcome.includes('\0')) return 'gave a NUL'
  const loose = outcome.includes('<x7') && !strings.some((literal) => literal.includes('<x7'))
  return loose ? `let a value out of its place: ${JSON.stringify(outcome.slice(0, 500))}` : undefined
}
