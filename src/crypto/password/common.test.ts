import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { commonPasswords, commonPasswordsFile, TARGET } from '../../../scripts/common-passwords.ts'
import { isCommonPassword } from './common.ts'
import { checkPassword } from './policy.ts'
import { buildXorFilter, mayContain } from './xor-filter.ts'

/** The same texts at each run: letters and digits, of this length. */
function randomText(index: number, length: number): string {
  return createHash('sha512').update(`text ${index}`).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, length)
}

describe('the list of common passwords', () => {
  it('is the file that its script makes, and small', () => {
    assert.equal(readFileSync(TARGET, 'utf8'), commonPasswordsFile())
    assert.ok(statSync(TARGET).size < 2 * 1024 * 1024)
  })

  it('knows every entry, however it is written', () => {
    const entries = commonPasswords()
    assert.ok(entries.length > 40_000)
    for (const entry of entries.filter((_, index) => index % 10 === 0)) assert.ok(isCommonPassword(entry), entry)
    for (const text of [
      'Sunshine',
      'SUNSHINE2024',
      '!sunshine!',
      'sun$h1ne',
      'sunshinedragon',
      'sunshine-dragon',
      'Sunshine.Dragon12',
      'trustno1',
    ])
      assert.ok(isCommonPassword(text), text)
  })

  it('takes fewer than one in 10 000 of random texts for one', () => {
    const count = 60_000
    let wrong = 0
    for (let index = 0; index < count; index++) if (isCommonPassword(randomText(index, 16))) wrong += 1
    assert.ok(wrong <= count / 10_000, `${wrong} of ${count}`)
  })

  it('says nothing about what guessers do not try first', () => {
    for (const text of [
      '',
      'abc',
      'crimson kettle orbit lagoon',
      'the kettle sings at noon',
      'sunshine4829104726',
      'x'.repeat(256),
    ])
      assert.equal(isCommonPassword(text), false, text)
  })

  it('is part of the policy, where patterns alone say nothing', () => {
    const chosen = ['unbelievable2024!', 'Liverpool-arsenal', 'chelsea.tottenham', 'Sunshine.Princess']
    for (const text of chosen) assert.deepEqual(checkPassword(text), { ok: false, reason: 'common' }, text)
    assert.deepEqual(checkPassword('the kettle sings at noon'), { ok: true })
  })
})

describe('an xor filter', () => {
  it('contains what went in, is made in the same way each time, and refuses the same text twice', () => {
    const texts = Array.from({ length: 500 }, (_, index) => randomText(index, 20))
    const filter = buildXorFilter(texts)
    assert.ok(texts.every((text) => mayContain(filter, text)))
    assert.deepEqual(buildXorFilter(texts), filter)
    assert.throws(() => buildXorFilter(['same', 'same']), /same/)
  })

  it('has no more wrong answers than its fingerprints allow', () => {
    const filter = buildXorFilter(Array.from({ length: 2000 }, (_, index) => randomText(index, 20)))
    let wrong = 0
    for (let index = 0; index < 200_000; index++) if (mayContain(filter, `other ${index}`)) wrong += 1
    assert.ok(wrong <= 12, `${wrong} of 200000; expected 3`)
  })
})
