import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { frame } from './frame.ts'
import { generateKey, keyTime, listKeys, parseKeyring } from './keyring.ts'
import { Secret } from './secret.ts'

const first = 'k1:2Kz5Jw8q_TnX0vYbR7cLmE3hUa9dGfSiPoZt1NxBQkA'
const second = 'k2:Vq0ZrX7tB1nYp3LsD8wHcMfK5uGjA2eRoIx9T_yNb4E'
const ring = parseKeyring(first)

const bytes = (make: (index: number) => number) =>
  `k:${Buffer.from(Array.from({ length: 32 }, (_, i) => make(i))).toString('base64url')}`

describe('parseKeyring', () => {
  it('reads keys, the first being current, also from a Secret and with spaces after the commas', () => {
    assert.deepEqual(parseKeyring(new Secret(`${second}, ${first}`)).ids, ['k2', 'k1'])
    assert.equal(parseKeyring(`${second},${first}`).current, 'k2')
  })

  const refused: Record<string, [string, RegExp]> = {
    nothing: ['  ', /There is no key/],
    'a key without an id': [first.slice(3), /Key 1 has no valid id/],
    'an id with a dot': [`a.b${first.slice(2)}`, /no valid id/],
    'a short key': [`k:${Buffer.from('0123456789').toString('base64url')}`, /has 10 bytes, and 32 is the least/],
    'standard base64': [`${first.slice(0, -1)}=`, /not base64url/],
    'another spelling of the last character': [`${first.slice(0, -1)}B`, /not base64url/],
    'the same id twice': [`${first},k1${second.slice(2)}`, /Two keys have the id "k1"/],
    'the same key twice': [`${first},k9${first.slice(2)}`, /"k1" and "k9" are the same/],
    zeros: [bytes(() => 0), /repeats/],
    'a repeated word': [`k:${'secret'.repeat(7)}Q`, /repeats/],
    counting: [bytes((i) => i), /counts up/],
    'counting down by seven': [bytes((i) => (250 - 7 * i) & 255), /counts/],
    'decoded text': [`k:${Buffer.from('the quick Brown fox jumps over 1 lazy dog!').toString('base64url')}`, /readable text/],
    'typed text': ['k:this-is-the-key-of-our-quite-big-web-shop-01', /one case only/],
    'hexadecimal text': ['k:3f9a7c05d1e8b2463f9a7c05d1e8b24610c5d7e98ab2', /one case only/],
    'a sample': ['k:ChangeMe-ChangeMe-qwXYZ-0123456789-abcdefGHI', /sample configurations/],
    'too many keys': [Array.from({ length: 17 }, (_, i) => generateKey(`k${i}`)).join(), /17 keys/],
    megabytes: ['k:'.repeat(1e6), /at most 4096/],
  }
  for (const [what, [text, message]] of Object.entries(refused))
    it(`refuses ${what}, and does not show the key`, () => {
      assert.throws(
        () => parseKeyring(text),
        (error: Error) => message.test(error.message) && !error.message.includes(text.split(':').at(-1)?.slice(0, 20) || 'none'),
      )
    })

  it('generates keys that it accepts, each another', () => {
    const keys = Array.from({ length: 50 }, () => generateKey())
    assert.equal(new Set(keys).size, 50)
    for (const key of keys) assert.equal(parseKeyring(key).ids.length, 1)
    assert.match(generateKey('2026-01'), /^2026-01:[A-Za-z0-9_-]{43}$/)
    assert.throws(() => generateKey('no space'), /key id/)
  })

  it('does not show its keys', () => {
    ring.sign('test', 'text')
    assert.ok(!inspect(ring, { showHidden: true, depth: 9 }).includes('2Kz5'))
    assert.ok(!JSON.stringify(ring).includes('2Kz5'))
  })
})

describe('KeyRing', () => {
  it('derives a key per purpose with HKDF-SHA256, and gives copies', () => {
    const root = Buffer.from(first.slice(3), 'base64url')
    const expected = Buffer.from(hkdfSync('sha256', root, '', 'holdfast/1 key pepper', 32))
    assert.deepEqual(ring.subkey('pepper'), expected)
    ring.subkey('pepper').fill(0)
    assert.deepEqual(ring.subkey('pepper'), expected)
    assert.notDeepEqual(ring.subkey('other'), expected)
    assert.equal(ring.subkey('pepper', 'k2'), undefined)
    assert.throws(() => ring.subkey('No Purpose'), TypeError)
  })

  it('signs as it did in every release: a change here would end all sessions', () => {
    assert.equal(ring.sign('session', 'abc'), 'k1.PTpcWr9XE0zgtiItnRXo-3vLTlfCLzObIsPL0WouwSI')
  })

  it('verifies only the same purpose, text and key', () => {
    const mac = ring.sign('session', 'abc')
    assert.deepEqual(ring.verify('session', 'abc', mac), { ok: true, keyId: 'k1' })
    assert.deepEqual(ring.verify('csrf', 'abc', mac), { ok: false, reason: 'mismatch' })
    assert.deepEqual(ring.verify('session', 'abd', mac), { ok: false, reason: 'mismatch' })
    assert.deepEqual(parseKeyring(second).verify('session', 'abc', mac), { ok: false, reason: 'unknown-key' })
    assert.deepEqual(parseKeyring(`k1${second.slice(2)}`).verify('session', 'abc', mac), { ok: false, reason: 'mismatch' })
  })

  it('verifies with an older key after rotation, and signs with the new one', () => {
    const rotated = parseKeyring(`${second},${first}`)
    assert.deepEqual(rotated.verify('session', 'abc', ring.sign('session', 'abc')), { ok: true, keyId: 'k1' })
    assert.ok(rotated.sign('session', 'abc').startsWith('k2.'))
  })

  it('refuses every signature with a changed, added or missing character (A96)', () => {
    const mac = ring.sign('session', 'abc')
    for (let i = 0; i < mac.length; i++) {
      const other = mac[i] === 'A' ? 'B' : 'A'
      assert.equal(ring.verify('session', 'abc', mac.slice(0, i) + other + mac.slice(i + 1)).ok, false)
      assert.equal(ring.verify('session', 'abc', mac.slice(0, i)).ok, false)
    }
    for (const text of [
      `${mac}A`,
      `${mac}=`,
      `${mac}\n`,
      ` ${mac}`,
      '',
      '.',
      'k1.',
      `k1..${mac}`,
      '__proto__.x',
      'x'.repeat(1e6),
    ])
      assert.deepEqual(ring.verify('session', 'abc', text), { ok: false, reason: 'malformed' })
  })

  it('keeps parts apart whatever they contain (A96)', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('1', ':', ',', 'a', '2') }), { maxLength: 4 })
    fc.assert(fc.property(parts, parts, (a, b) => (frame(a) === frame(b)) === (JSON.stringify(a) === JSON.stringify(b))))
    assert.equal(ring.verify('cookie', ['ab', 'c'], ring.sign('cookie', ['a', 'bc'])).ok, false)
  })

  it('does not take one lone surrogate for another', () => {
    assert.throws(() => ring.sign('session', '\ud800'), TypeError)
    assert.deepEqual(ring.verify('session', '\ud800', ring.sign('session', '\ufffd')), { ok: false, reason: 'malformed' })
  })

  it('opens what it sealed: text, bytes, and nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.string(), { maxLength: 3 }), (plaintext, associated) => {
        const opened = ring.open('totp', ring.seal('totp', plaintext, associated), associated)
        assert.ok(opened.ok && opened.plaintext.equals(plaintext))
      }),
    )
    const opened = ring.open('totp', ring.seal('totp', 'naïve ☃'))
    assert.ok(opened.ok && opened.plaintext.toString() === 'naïve ☃')
    assert.notEqual(ring.seal('totp', 'same'), ring.seal('totp', 'same'))
  })

  it('opens nothing that was changed, moved to another row, sealed for another purpose, or with a lost key', () => {
    const sealed = ring.seal('totp', 'JBSWY3DPEHPK3PXP', ['user', '7'])
    assert.deepEqual(ring.open('totp', sealed, ['user', '8']), { ok: false, reason: 'mismatch' })
    assert.deepEqual(ring.open('totp', sealed, ['user7']), { ok: false, reason: 'mismatch' })
    assert.deepEqual(ring.open('totp', sealed), { ok: false, reason: 'mismatch' })
    assert.deepEqual(ring.open('other', sealed, ['user', '7']), { ok: false, reason: 'mismatch' })
    assert.deepEqual(parseKeyring(second).open('totp', sealed, ['user', '7']), { ok: false, reason: 'unknown-key' })
    for (let i = 0; i < sealed.length; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A'
      assert.equal(ring.open('totp', sealed.slice(0, i) + other + sealed.slice(i + 1), ['user', '7']).ok, false)
      assert.equal(ring.open('totp', sealed.slice(0, i), ['user', '7']).ok, false)
    }
    for (const text of ['', 'k1.', 'k1.AAAA', 'k1.*', `${sealed}=`, `${sealed} `])
      assert.deepEqual(ring.open('totp', text, ['user', '7']), { ok: false, reason: 'malformed' })
  })
})

describe('a key that is scheduled', () => {
  const [old, next] = [generateKey('old'), generateKey('next')]
  const at = Date.UTC(2027, 0, 31, 12)
  const text = `${old},${next.replace(':', `@${keyTime(at)}:`)}`

  it('is known to all before it is current, and current from its time on, in a process that runs', () => {
    let now = at - 1
    const ring = parseKeyring(text, () => now)
    const later = parseKeyring(text, () => at)
    assert.deepEqual([ring.current, ring.ids, later.current, later.ids], ['old', ['old', 'next'], 'next', ['next', 'old']])
    const early = ring.sign('session', 'text')
    const sealed = later.seal('totp', 'text')
    assert.ok(later.verify('session', 'text', early).ok && ring.open('totp', sealed).ok)
    now = at
    assert.equal(ring.current, 'next')
    assert.match(ring.sign('session', 'text'), /^next\./)
    assert.match(ring.seal('totp', 'text'), /^next\./)
    assert.deepEqual(ring.subkey('pepper'), later.subkey('pepper'))
    assert.ok(ring.verify('session', 'text', early).ok)
  })

  it('is listed with its time', () => {
    assert.deepEqual(
      listKeys(text).map(({ id, from }) => [id, from]),
      [
        ['old', undefined],
        ['next', at],
      ],
    )
    assert.equal(keyTime(at), '20270131T120000Z')
  })

  it('is refused when its time is none, or when there is none before it', () => {
    const clock = () => at - 1
    for (const name of ['next@', 'next@tomorrow', 'next@20271331T120000Z', 'next@2027'])
      assert.throws(() => parseKeyring(`${old},${next.replace('next', name)}`, clock), /no valid id/)
    assert.throws(() => parseKeyring(next.replace(':', `@${keyTime(at)}:`), clock), /no key yet/)
  })
})
