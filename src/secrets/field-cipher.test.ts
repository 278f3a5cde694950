import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import { blindIndex, fieldCipher } from './field-cipher.ts'

const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
const keys = parseKeyring(OLD)

describe('an encrypted column', () => {
  const cipher = fieldCipher(keys, 'patient_notes.full_text')

  it('gives back what was put in, a secret too, and never the same twice', () => {
    for (const text of ['', 'a', 'ünïcødé ☃', 'x'.repeat(10_000)]) {
      assert.deepEqual(cipher.open('7', cipher.seal('7', text)), { ok: true, text })
    }
    assert.deepEqual(cipher.open('7', cipher.seal('7', new Secret('s3cret'))), { ok: true, text: 's3cret' })
    assert.notEqual(cipher.seal('7', 'same'), cipher.seal('7', 'same'))
    assert.doesNotMatch(cipher.seal('7', 'readable'), /readable/)
  })

  it('opens in its own row and column alone, and nothing that was changed', () => {
    const sealed = cipher.seal('7', 'text')
    assert.deepEqual(cipher.open('8', sealed), { ok: false, reason: 'mismatch' })
    for (const other of ['patient_notes.other', 'other.full_text', 'patient.notes_full'])
      assert.deepEqual(fieldCipher(keys, other).open('7', sealed), { ok: false, reason: 'mismatch' })
    assert.equal(cipher.open('7', `${sealed.slice(0, -2)}AA`).ok, false)
    assert.deepEqual(cipher.open('7', 'text'), { ok: false, reason: 'malformed' })
    assert.deepEqual(fieldCipher(parseKeyring(NEXT), 'patient_notes.full_text').open('7', sealed), {
      ok: false,
      reason: 'unknown-key',
    })
  })

  it('reads what an older key sealed, as long as it is in the ring', () => {
    const rotated = fieldCipher(parseKeyring(`${NEXT},${OLD}`), 'patient_notes.full_text')
    assert.deepEqual(rotated.open('7', cipher.seal('7', 'text')), { ok: true, text: 'text' })
    assert.match(rotated.seal('7', 'text'), /^next\./)
  })

  it('is refused by a name that is no column', () => {
    for (const name of ['notes', 'notes.text.more', 'Notes.text', 'notes.text; DROP', '', `${'a'.repeat(26)}.b`])
      assert.throws(() => fieldCipher(keys, name), TypeError)
  })
})

describe('a blind index', () => {
  const index = blindIndex(keys, 'users.email')

  it('finds equal texts, however they are written, and tells nothing to who has not the key', () => {
    assert.equal(index.of('Ada@app.example'), index.of(' ada@APP.example'))
    assert.notEqual(index.of('ada@app.example'), index.of('bob@app.example'))
    assert.notEqual(index.of('ada@app.example'), blindIndex(keys, 'users.other').of('ada@app.example'))
    assert.notEqual(index.of('ada@app.example'), blindIndex(parseKeyring(NEXT), 'users.email').of('ada@app.example'))
    assert.equal(index.of(new Secret('ada@app.example')), index.of('ada@app.example'))
    const exact = blindIndex(keys, 'users.email', { normalise: (text) => text })
    assert.notEqual(exact.of('Ada'), exact.of('ada'))
  })

  it('looks up under every key of the ring, so that rotation loses no row', () => {
    const rotated = blindIndex(parseKeyring(`${NEXT},${OLD}`), 'users.email')
    const candidates = rotated.candidates('ada@app.example')
    assert.equal(candidates[0], rotated.of('ada@app.example'))
    assert.ok(candidates.includes(index.of('ada@app.example')) && candidates.length === 2)
  })

  it('keeps as many bits as it is told, so that texts share entries where that is wanted', () => {
    const short = blindIndex(keys, 'users.email', { bits: 9 })
    const entries = new Set(Array.from({ length: 5000 }, (_, number) => short.of(`user${number}`)))
    assert.ok(entries.size <= 512 && entries.size > 400, `${entries.size}`)
    for (const bits of [0, 7, 257, 12.5]) assert.throws(() => blindIndex(keys, 'users.email', { bits }), RangeError)
  })
})
