import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../secret.ts'
import { loadStrength, StrengthMissing } from './strength.ts'

describe('the strength of a password', () => {
  const strength = loadStrength()

  it('is low for what guessers try first, and high for what is long and made of nothing', () => {
    for (const weak of ['password123', 'qwertyuiop', 'aaaaaaaaaaaaaaa', '']) assert.ok(strength(weak) <= 1, weak)
    for (const strong of ['tq7 vex9 #m lagoon', 'crimson kettle orbit lagoon']) assert.ok(strength(strong) >= 3, strong)
    assert.ok(strength(new Secret('correct horse battery staple unicorn')) >= 3)
  })

  it('counts for nothing what is known of the user', () => {
    assert.ok(strength('bartholomew', ['bartholomew']) < strength('bartholomew'))
  })

  it('looks at the beginning of what is very long', () => {
    assert.equal(strength('x7#k'.repeat(100_000)), strength('x7#k'.repeat(25)))
  })

  it('is told missing where the package is, and does without more words', () => {
    const missing = (name: string) => {
      throw Object.assign(new Error(name), { code: 'MODULE_NOT_FOUND' })
    }
    assert.throws(() => loadStrength(missing), StrengthMissing)
  })
})
