import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { style, styleElement } from './style.ts'

const [light = '', dark = ''] = style.split('prefers-color-scheme:dark')

/** The colours of a scheme by name; in the dark one those that it does not change come from the light one. */
function colours(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([a-z0-9-]+):(#[0-9a-f]{3,6})/g)].map(([, name = '', colour = '']) => [name, colour]))
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('style', () => {
  it('is small and cannot end the element it stands in', () => {
    assert.ok(Buffer.byteLength(style) < 10.5 * 1024, `${Buffer.byteLength(style)} bytes`)
    assert.doesNotMatch(style, /</)
  })

  it('loads nothing from anywhere', () => assert.doesNotMatch(style, /url\(|@import|@font-face|expression|javascript/i))

  it('heeds the scheme, the movement and the colours the reader asked for', () => {
    for (const wish of ['prefers-color-scheme:dark', 'prefers-reduced-motion:reduce', 'forced-colors:active', ':focus-visible']) {
      assert.ok(style.includes(wish), wish)
    }
  })

  for (const [scheme, css] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    const of = colours(css)
    const colour = (name: string): string => of.get(name) ?? assert.fail(`no colour --${name} in the ${scheme} scheme`)
    const text: readonly (readonly [front: string, back: string])[] = [
      ...['bg', 'sheet', 'well', 'hover', 'grey-soft'].flatMap(
        (back) =>
          [
            ['text', back],
            ['text-2', back],
            ['text-3', back],
          ] as const,
      ),
      ...['bg', 'sheet', 'soft', 'hover'].map((back) => ['accent', back] as const),
      ['bad', 'sheet'],
      ['bad', 'bad-soft'],
      ['warn', 'warn-soft'],
      ['ok', 'ok-soft'],
      ['text', 'bad-soft'],
      ['text', 'warn-soft'],
      ['text', 'ok-soft'],
      ['text', 'soft'],
    ]
    it(`has text of at least 4.5:1 in the ${scheme} scheme`, () => {
      const poor = text.filter(([front, back]) => contrast(colour(front), colour(back)) < 4.5)
      assert.deepEqual(
        poor.map(([front, back]) => `${front} on ${back}: ${contrast(colour(front), colour(back)).toFixed(2)}`),
        [],
      )
      for (const name of ['solid', 'solid-2', 'bad-solid', 'bad-solid-2'])
        assert.ok(contrast('#ffffff', colour(name)) >= 4.5, name)
    })

    it(`has edges of controls of at least 3:1 in the ${scheme} scheme`, () => {
      for (const back of ['sheet', 'bg'])
        assert.ok(contrast(colour('line-2'), colour(back)) >= 3, `line-2 on ${back}: ${contrast(colour('line-2'), colour(back))}`)
    })
  }
})

describe('styleElement', () => {
  it('carries the nonce and the CSS of the application', () => {
    const element = String(styleElement('YWJjZA==', '.a{color:red}'))
    assert.equal(element, `<style nonce="YWJjZA==">${style}.a{color:red}</style>`)
  })

  it('refuses a nonce that is none, and CSS that could end the element', () => {
    for (const nonce of ['', '"><script>', 'a b', "abc'", '=']) assert.throws(() => styleElement(nonce), TypeError)
    assert.throws(() => styleElement('YWJjZA', '</style><script>'), TypeError)
  })
})
