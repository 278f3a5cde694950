import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../secret.ts'
import { checkPassword, type PasswordPolicy } from './policy.ts'

const reason = (password: string, policy?: PasswordPolicy) => {
  const verdict = checkPassword(password, policy)
  return verdict.ok ? 'ok' : verdict.reason
}

describe('checkPassword', () => {
  it('accepts what is long and no pattern, in any script, spaces included', () => {
    for (const password of [
      'the kettle sings at noon',
      'mauve-otter-97-plinth',
      'Zq8#vT2!kLm9$xW4',
      '849302758192034',
      'ein Reh springt über Bäche',
      'восемь тихих лодок плывут',
      '静かな湖畔の森の影から男と女の声がする',
      '🦊🌲🏔️🚲🍕🎻🌧️📚🧭🪁🛶🎈🧩🔭🥁',
    ])
      assert.equal(reason(password), 'ok', password)
    assert.equal(checkPassword(new Secret('the kettle sings at noon')).ok, true)
  })

  it('counts code points after NFKC', () => {
    assert.equal(reason('zq8vt2klm9xw4a'), 'too-short')
    assert.equal(reason('🦊🌲🏔🚲🍕🎻🌧📚🧭🪁🛶🎈🧩🔭'), 'too-short') // 14, in 28 UTF-16 units
    assert.equal(reason('zq8vt2klm9xwe\u0301a'), 'too-short') // e and its accent are one
    assert.equal(reason('x2k'.repeat(86)), 'too-long')
    assert.equal(reason('kz4'.repeat(1e6)), 'too-long')
    assert.equal(reason('\ufdfa'.repeat(255)), 'too-long') // one character that NFKC makes 18
    assert.equal(reason('zq8vt2kfm', { minimum: 9 }), 'ok')
  })

  it('refuses control characters and lone surrogates', () => {
    for (const character of ['\0', '\n', '\t', '\u001b', '\u007f', '\u0085', '\ud800'])
      assert.equal(reason(`zq8vt2klm9xw4ab${character}`), 'control-characters')
  })

  it('refuses repeats, sequences, keyboard walks and common words, however dressed up', () => {
    for (const password of [
      'aaaaaaaaaaaaaaa',
      'abababababababab',
      'kitten kitten kitten',
      'zq8vt2 zq8vt2 zq8vt2',
      '123456789012345',
      'abcdefghijklmnopqrst',
      'zyxwvutsrqponml',
      'aaaaabbbbbcccccddddd',
      'qwertyuiopasdfghjkl',
      '1q2w3e4r5t6y7u8i',
      '1qaz2wsx3edc4rfv',
      'poiuytrewqlkjhgfdsa',
      'passwordpassword1',
      'Password123456!',
      'P4$$w0rdP4$$w0rd!',
      'Summer2024Winter2025',
      'administrator1234',
      'correcthorsebatterystaple',
      'correct horse battery staple',
      'ILoveYouForever!!!',
      'Welcome2024Welcome',
    ])
      assert.equal(reason(password), 'common', password)
  })

  it('refuses what is made of the account, the person or the site', () => {
    const context = ['alexandra.miller@example.com', 'Alexandra Miller', 'Rosegarden Shop']
    for (const password of [
      'alexandra.miller',
      'AlexandraMiller2024',
      'rosegarden-shop-1',
      'alexandra.miller@example.com',
      'M1ller-R0segarden!',
    ])
      assert.equal(reason(password, { context }), 'contextual', password)
    assert.equal(reason('alexandra grows purple kale', { context }), 'ok')
    assert.equal(reason('mauve-otter-97-plinth', { context: ['', 'a', 'otter'] }), 'ok')
  })

  it('answers for any text, and refuses a policy that is too weak or too strict', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.array(fc.string({ unit: 'binary' })), (password, context) => {
        const verdict = checkPassword(password, { context })
        assert.ok(!verdict.ok || Array.from(password.normalize('NFKC')).length >= 15)
      }),
    )
    for (const policy of [{ minimum: 7 }, { minimum: 65 }, { minimum: Number.NaN }, { maximum: 63 }, { maximum: 257 }])
      assert.throws(() => checkPassword('x', policy), RangeError)
  })
})
