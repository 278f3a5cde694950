/**
 * Work on hostile input, counted instead of timed: every character that a parser looks at, searches through or copies is one unit.
 * Twice the input may cost twice the work and a little more; a parser that backs up would cost four times as much.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prefers, wantsHtml } from './accept.ts'
import { countCookies, readCookie } from './cookie.ts'
import { isFieldValue, isToken, tokenList } from './field.ts'
import { parseForm } from './form.ts'
import { parseForwarded, parseForwardedFor, parseNode } from './forwarded.ts'
import { parseHost } from './host.ts'
import { parseAddress, parseNetwork } from './ip.ts'
import { parseJson } from './json.ts'
import { parseMediaType } from './media-type.ts'
import { parseOrigin } from './origin.ts'
import { localPath } from './redirect.ts'
import { canonicalTarget } from './target.ts'

type Work = (this: string, ...args: never[]) => unknown
const proto = String.prototype as unknown as Record<string, Work>

/** What one call of a string method costs, from its arguments and its result. */
const COSTS: Readonly<Record<string, (text: string, args: readonly unknown[], result: unknown) => number>> = {
  charCodeAt: () => 1,
  slice: (_text, _args, result) => 1 + String(result).length,
  split: (text) => 1 + text.length,
  replace: (text) => 1 + text.length,
  replaceAll: (text) => 1 + text.length,
  toLowerCase: (text) => 1 + text.length,
  includes: (text) => 1 + text.length,
  startsWith: (_text, args) => 1 + String(args[0]).length,
  indexOf: (text, args, result) =>
    1 + (result === -1 ? text.length : Number(result)) - Math.min(Number(args[1] ?? 0), text.length),
  lastIndexOf: (text, args, result) => 1 + Math.min(Number(args[1] ?? text.length), text.length) - Number(result),
}

/** The units of work that `act` costs. */
function countWork(act: () => unknown): number {
  let units = 0
  const originals = Object.keys(COSTS).map((name) => [name, proto[name]!] as const)
  const { String: text, Object: object } = globalThis
  try {
    for (const [name, original] of originals) {
      const cost = COSTS[name]!
      let inside = false
      proto[name] = function (this: string, ...args: never[]) {
        const result = original.apply(this, args)
        // What the cost function itself does is not counted.
        if (!inside) {
          inside = true
          units += cost(text(this), args, result)
          inside = false
        }
        return result
      }
    }
    act()
  } finally {
    object.assign(proto, object.fromEntries(originals))
  }
  return units
}

const UNBOUNDED = {
  length: 1e9,
  depth: 1e9,
  keys: 1e9,
  elements: 1e9,
  fields: 1e9,
  keyLength: 1e9,
  valueLength: 1e9,
  numberLength: 1e9,
}

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  canonicalTarget: (text) => canonicalTarget(`/${text}`),
  localPath: (text) => localPath(`/${text}`),
  countCookies,
  isFieldValue,
  isToken,
  parseAddress,
  parseForm: (text) => parseForm(text, UNBOUNDED),
  parseForwarded,
  parseForwardedFor,
  parseHost,
  parseJson: (text) => parseJson(text, UNBOUNDED),
  parseMediaType,
  parseNetwork,
  parseNode,
  parseOrigin: (text) => parseOrigin(`https://${text}`),
  prefers: (text) => prefers(text, ['text/html', 'text/plain']),
  readCookie: (text) => readCookie(text, 'sid'),
  tokenList: (text) => tokenList(text, 1e9),
  wantsHtml,
}

const PIECES = [
  'a',
  ' ',
  '\t',
  ',',
  ';',
  '=',
  '&',
  '"',
  '\\',
  '\\"',
  '"\\',
  '%',
  '%41',
  '%25',
  '%c3',
  '/',
  '.',
  ':',
  '::',
  '1',
  '0',
  '[',
  '{',
  '{"a":',
  '[]',
  '"",',
]
PIECES.push(
  'sid',
  'sid;',
  's=;',
  'sid\u00a0',
  '=sid',
  'a=;',
  'for=a,',
  'for=";',
  'a/b,',
  'a/b;q=1,',
  '+',
  '-',
  '*',
  '_',
  'é',
  '1.',
  'a.',
  '\\u',
  '"\\\\',
  ' ,',
  'x;',
)

describe('hostile input', () => {
  for (const [name, parse] of Object.entries(PARSERS)) {
    it(`costs ${name} work in proportion to its length`, () => {
      for (const piece of PIECES) {
        for (const head of ['', '"', 'a="', '{"']) {
          const small = countWork(() => parse(head + piece.repeat(1000)))
          const large = countWork(() => parse(head + piece.repeat(2000)))
          assert.ok(large <= 2.2 * small + 100, `${JSON.stringify(head + piece)}: ${small} -> ${large}`)
          assert.ok(small <= 20 * (1000 * piece.length + 100), `${JSON.stringify(head + piece)}: ${small}`)
        }
      }
    })
  }

  it('is counted by a scale that sees quadratic work', () => {
    const quadratic = (size: number) =>
      countWork(() => Array.from({ length: size }, (_, index) => 'a'.repeat(size).indexOf('b', index)))
    assert.ok(quadratic(2000) > 3.5 * quadratic(1000))
    assert.equal(
      countWork(() => 'abc'.charCodeAt(0)),
      1,
    )
  })
})
