import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cleaned, isBlank, readText, type TextRule } from './text.ts'

const RULE: TextRule = { max: 20 }
const codeOf = (input: unknown, rule: Partial<TextRule> = {}) => {
  const read = readText(input, { ...RULE, ...rule })
  return read.ok ? undefined : read.code
}
const valueOf = (input: string, rule: Partial<TextRule> = {}) => {
  const read = readText(input, { ...RULE, ...rule })
  assert.ok(read.ok, read.ok ? '' : read.code)
  return read.value
}

describe('text from outside', () => {
  it('comes into one form, without space around it', () => {
    assert.equal(valueOf('  cafe\u0301 '), 'caf\u00e9')
    assert.equal(valueOf('\u1112\u1161\u11ab'), '한')
    assert.equal(valueOf(' x ', { trim: false }), ' x ')
    assert.equal(valueOf('e\u0301', { normalise: false }), 'e\u0301')
  })

  it('is text and nothing that could be made into it', () => {
    for (const input of [undefined, null, 1, true, ['a'], { toString: () => 'a' }, Object('a')])
      assert.equal(codeOf(input), 'type')
  })

  it('has no control characters, and line breaks and tabs only where lines are meant', () => {
    for (const input of ['a\0b', 'a\x1b[31m', 'a\x7f', 'a\x85b', 'a\u2028b', '\ufffe', '\u{1ffff}', 'a\ufff9b']) {
      assert.equal(codeOf(input), 'control', JSON.stringify(input))
      assert.equal(codeOf(input, { lines: true }), 'control', JSON.stringify(input))
    }
    for (const input of ['a\nb', 'a\tb', 'a\rb']) assert.equal(codeOf(input), 'control')
    assert.equal(valueOf('a\r\nb\rc\td', { lines: true }), 'a\nb\nc\td')
    assert.equal(valueOf('a\x07b', { allow: ['control'] }), 'a\x07b')
  })

  it('has no characters that turn the order of others around, and keeps those that languages need', () => {
    for (const input of ['user\u202etxt.exe', '\u2066a', '\u2069', 'a\u202ab']) assert.equal(codeOf(input), 'bidi')
    assert.equal(valueOf('a\u202eb', { allow: ['bidi'] }), 'a\u202eb')
    assert.equal(valueOf('שלום \u200fאב'), 'שלום \u200fאב')
    assert.equal(valueOf('می\u200cخواهم'), 'می\u200cخواهم')
    assert.equal(valueOf('👩‍👩‍👧'), '👩‍👩‍👧')
  })

  it('has no letters that nobody sees, except in the flags of regions', () => {
    assert.equal(codeOf('hi\u{e0068}\u{e0069}'), 'control')
    const scotland = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'
    assert.equal(valueOf(scotland), scotland)
    assert.equal(codeOf(`${scotland}\u{e0041}`), 'control')
  })

  it('is counted after it was composed, and as browsers count', () => {
    assert.equal(valueOf('e\u0301'.repeat(20)).length, 20)
    assert.equal(codeOf('\u{1d160}'.repeat(10), { max: 20 }), 'too-long') // one character that NFC makes three of
    assert.equal(codeOf('x'.repeat(21)), 'too-long')
    assert.equal(codeOf('👍'.repeat(11)), 'too-long')
    assert.equal(valueOf('a\r\n'.repeat(6), { max: 12, lines: true, trim: false }).length, 12)
    assert.equal(codeOf('ab', { min: 3 }), 'too-short')
  })

  it('is no pile of marks: what normalising them would cost is never spent', () => {
    const pile = `a${'\u0301\u0327'.repeat(10_000)}`
    const before = performance.now()
    assert.equal(codeOf(pile, { max: 1_000_000 }), 'unicode')
    const refused = performance.now() - before
    pile.normalize('NFC')
    const spent = performance.now() - before - refused
    assert.ok(refused * 20 < spent, `${refused} ms against ${spent} ms`)
    assert.equal(valueOf(`a${'\u0301'.repeat(30)}`, { max: 100 }).length, 30)
  })

  it('may be read again and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (input) => {
        const read = readText(input, { max: 40, lines: true })
        if (!read.ok) return
        assert.deepEqual(readText(read.value, { max: 40, lines: true }), read)
        assert.ok(read.value.isWellFormed() && read.value.length <= 40)
      }),
    )
  })

  it('that was refused for its characters is taken when it comes back without them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (input) => {
        const again = readText(cleaned(input, 200), { max: 200, lines: true })
        assert.ok(again.ok || again.code === 'unicode', again.ok ? '' : again.code) // 'unicode': a pile of marks stays one
      }),
    )
    assert.equal(cleaned('user\u202etxt\0.exe\ud800', 20), 'usertxt.exe\ufffd')
  })

  it('is blank when nothing of it can be seen', () => {
    for (const blank of ['', ' ', '\u00a0\u3000', '\u200b', '\u2060\ufeff', '\u3164', '\u115f'])
      assert.ok(isBlank(blank), JSON.stringify(blank))
    assert.ok(!isBlank(' x '))
  })
})
