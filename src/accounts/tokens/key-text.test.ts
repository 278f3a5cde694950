import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { sha256 } from '../../crypto/hash.ts'
import { randomToken } from '../../crypto/random.ts'
import { holdsKey, idOfKey, mintKey, readKey } from './key-text.ts'

const fixed = (byte: number) => (bytes: number) => Buffer.alloc(bytes, byte).toString('base64url')

describe('the text of an API key', () => {
  it('has one form, its public name in it, and a checksum at its end', () => {
    const { text, id, hash } = mintKey(randomToken)
    assert.match(text.reveal(), /^hf_key_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/)
    const read = readKey(text.reveal())
    assert.deepEqual([read.hash, idOfKey(read)], [hash, id])
    assert.equal(hash, sha256(text.reveal()))
  })

  it('is written the same for ever, so that scanners go on finding it', () => {
    assert.equal(mintKey(fixed(0)).text.reveal(), `hf_key_${'0'.repeat(11)}_${'0'.repeat(43)}${sumOf('0')}`)
    const most = mintKey(fixed(255))
    assert.equal(most.id, 'LygHa16AHYF')
    assert.match(most.text.reveal(), /^hf_key_LygHa16AHYF_/)
    assert.equal(idOfKey(readKey(most.text.reveal())), most.id)
  })

  it('has all 256 bits of the randomness in it', () => {
    const seen = new Set(Array.from({ length: 256 }, (_, byte) => mintKey(fixed(byte)).text.reveal()))
    assert.equal(seen.size, 256)
  })

  it('is no key with any one character changed, added or taken away', () => {
    const text = mintKey(randomToken).text.reveal()
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === 'x' ? 'y' : 'x'
      for (const changed of [text.slice(0, at) + other + text.slice(at + 1), text.slice(0, at) + text.slice(at + 1)])
        assert.equal(idOfKey(readKey(changed)), undefined, changed)
    }
    assert.equal(idOfKey(readKey(`${text}x`)), undefined)
  })

  it('is read in bounded time from any text, without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => idOfKey(readKey(text)) === undefined))
    assert.equal(idOfKey(readKey('hf_key_'.repeat(100_000))), undefined)
  })

  it('is found in an address, and nothing else is', () => {
    const text = mintKey(randomToken).text.reveal()
    for (const search of [`?key=${text}`, `?a=b&access_token=${text}&c`, `?${text}`]) assert.equal(holdsKey(search), true)
    for (const search of ['', '?q=hf_key_', `?q=${text.slice(0, 40)}`, '?hf_keyhole=1']) assert.equal(holdsKey(search), false)
  })

  it('shows itself to nobody who prints what was made', () => {
    const made = mintKey(randomToken)
    for (const shown of [inspect(made), JSON.stringify(made), String(made.text)])
      assert.equal(shown.includes(made.text.reveal().slice(20)), false)
  })
})

/** CRC-32 of the key of zeros, worked out bit by bit. */
function sumOf(digit: string): string {
  let crc = 0xffffffff
  for (const byte of Buffer.from(`hf_key_${digit.repeat(11)}_${digit.repeat(43)}`)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  let rest = (crc ^ 0xffffffff) >>> 0
  let text = ''
  for (let place = 0; place < 6; place++) {
    text = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}
