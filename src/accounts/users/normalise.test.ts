import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { normaliseLogin, normaliseName } from './normalise.ts'

const of = (text: string) => {
  const result = normaliseLogin(text)
  return result.ok ? result.value : undefined
}

describe('normaliseLogin', () => {
  it('reads all spellings of a name as one', () => {
    for (const text of ['Bob', 'bob ', '\tBOB', 'ＢＯＢ', 'ｂob']) assert.equal(of(text), 'bob')
    assert.equal(of('É'), of('e\u0301'))
    assert.equal(of('Straße'), of('STRASSE'))
    assert.equal(of('ΟΔΟΣ'), of('οδος'))
    assert.equal(of('\u212Aelvin'), 'kelvin')
    assert.equal(of('bob@EXAMPLE.org'), 'bob@example.org')
  })

  it('keeps different names apart', () => {
    assert.equal(new Set(['bob', 'bob1', 'b.ob', 'bob+tag', 'bob@a.example', 'böb'].map(of)).size, 6)
  })

  it('refuses what is empty, too long, or cannot be seen', () => {
    const unseen = [
      '\0',
      '\n',
      '\x7f',
      '\u00a0',
      '\u200b',
      '\u200d',
      '\u202e',
      '\u2066',
      '\ufeff',
      '\u3164',
      '\u034f',
      '\u00ad',
      '\ud800',
      '\ufe0f',
    ]
    for (const text of unseen) assert.equal(of(`a${text}b`), undefined, JSON.stringify(text))
    for (const text of ['', '   ', 'a b', 'x'.repeat(255), 'x'.repeat(5_000_000), 'ﷺ'.repeat(100)])
      assert.equal(of(text), undefined)
    assert.equal(of('x'.repeat(254))?.length, 254)
  })

  it('changes nothing the second time, and nothing by case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const once = of(text)
        if (once === undefined) return
        assert.equal(of(once), once)
        assert.equal(of(text.toUpperCase()), once)
        assert.equal(of(text.normalize('NFD')), once)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('normaliseName', () => {
  it('takes names as people write them, and refuses what hides or turns text around', () => {
    assert.deepEqual(normaliseName('  Zoe\u0308 van der Berg '), { ok: true, value: 'Zoë van der Berg' })
    assert.ok(normaliseName('👩‍🚀 Ada').ok)
    for (const text of ['', ' ', 'a\0', 'a\nb', 'a\u202eb', 'x'.repeat(201)]) assert.equal(normaliseName(text).ok, false)
  })
})
