import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createRandom, normaliseCode, randomCode, randomToken } from './random.ts'

describe('random', () => {
  it('gives 43 characters of base64url for 32 bytes, never twice', () => {
    const tokens = new Set(Array.from({ length: 2000 }, () => randomToken()))
    assert.equal(tokens.size, 2000)
    for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{43}$/)
    assert.equal(randomToken(16).length, 22)
  })

  it('refuses fewer than 128 bits and what is not a count', () => {
    for (const bytes of [15, 0, -1, 1.5, Number.NaN, 1025]) assert.throws(() => randomToken(bytes), RangeError)
    for (const bytes of [0, 1025, Number.NaN]) assert.throws(() => createRandom().bytes(bytes), RangeError)
    assert.throws(() => createRandom({ size: 100 }), RangeError)
  })

  it('fills once for many tokens, erases what it handed out, and never reuses a byte', () => {
    let fills = 0
    let seen: Buffer | undefined
    const random = createRandom({
      size: 1024,
      fill(pool) {
        seen = pool
        fills += 1
        for (let i = 0; i < pool.length; i++) pool[i] = ((i >> 5) + fills) & 255
      },
    })
    const tokens = Array.from({ length: 32 }, () => random.token())
    assert.equal(fills, 1)
    assert.equal(new Set(tokens).size, 32)
    assert.ok(seen?.every((byte) => byte === 0))
    random.token()
    assert.equal(fills, 2)
  })

  it('fails, instead of giving old bytes, when the generator fails', () => {
    let broken = true
    const random = createRandom({
      fill(pool) {
        if (broken) throw new Error('no entropy')
        pool.fill(7)
      },
    })
    assert.throws(() => random.token(), /no entropy/)
    assert.throws(() => random.bytes(16), /no entropy/)
    broken = false
    assert.equal(random.token(16), Buffer.alloc(16, 7).toString('base64url'))
  })

  it('gives bytes in a buffer of their own', () => {
    const random = createRandom()
    const first = random.bytes(32)
    const copy = Buffer.from(first)
    random.bytes(32)
    assert.deepEqual(first, copy)
  })

  it('makes codes that people can type, and reads them back however they are typed', () => {
    const code = randomCode()
    assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
    assert.equal(normaliseCode(code), code)
    assert.equal(normaliseCode(` ${code.toLowerCase().replaceAll('-', ' ')}\n`), code)
    assert.equal(normaliseCode('k7qm 2xdp–9rtb'), 'K7QM-2XDP-9RTB')
    assert.equal(normaliseCode('oil0-oil0-oil0'), '0110-0110-0110')
  })

  it('reads nothing else as a code', () => {
    for (const text of ['', '-', 'K7QM-2XDP', 'K7QM-2XDP-9RTBX', 'K7QM-2XDP-9RTU', 'K7QM-2XDP-9RT\u0000', 'x'.repeat(1e6)])
      assert.equal(normaliseCode(text), undefined)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const code = normaliseCode(text)
        assert.ok(code === undefined || normaliseCode(code) === code)
      }),
    )
  })
})
