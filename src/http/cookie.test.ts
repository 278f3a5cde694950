import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { countCookies, expireCookie, readCookie, serializeCookie } from './cookie.ts'
import type { CookieAttributes } from './cookie.ts'

const SID = '__Host-hf_sid'
const HOST: CookieAttributes = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' }
const reasonOf = (header: string | undefined, name = SID) => {
  const result = readCookie(header, name)
  return result.ok ? 'ok' : result.reason
}

describe('readCookie', () => {
  it('finds the cookie at the start, in the middle and at the end', () => {
    for (const header of [`${SID}=abc`, `${SID}=abc; a=1`, `a=1; ${SID}=abc; b=2`, `a=1;${SID}=abc`, `a; =; ${SID}=abc;`]) {
      assert.deepEqual(readCookie(header, SID), { ok: true, value: 'abc' }, header)
    }
  })

  it('keeps "=" in values, empty values, and does not decode anything (A90)', () => {
    assert.deepEqual(readCookie('a=b=c==', 'a'), { ok: true, value: 'b=c==' })
    assert.deepEqual(readCookie('a=', 'a'), { ok: true, value: '' })
    assert.deepEqual(readCookie('a=%zz%', 'a'), { ok: true, value: '%zz%' })
  })

  it('says missing when there is none, also when the name is only part of another', () => {
    for (const header of [
      undefined,
      '',
      'a=1',
      `x${SID}=1`,
      `${SID}x=1`,
      `a=${SID}=1`,
      `a=; b=${SID}`,
      `${SID.slice(0, -1)}=1`,
      ';;;',
      '=',
      ' ',
      `${'x'.repeat(SID.length)}=1`,
    ]) {
      assert.equal(reasonOf(header), 'missing', String(header))
    }
  })

  it('refuses a second cookie of the same name, whatever their order (A92)', () => {
    assert.equal(reasonOf(`${SID}=evil; ${SID}=good`), 'duplicate')
    assert.equal(reasonOf(`${SID}=same; a=1; ${SID}=same`), 'duplicate')
  })

  it('refuses names that a lenient parser would take for ours (A92)', () => {
    const shadows = [
      `__HOST-hf_sid=x`,
      `${SID} =x`,
      `${SID}\t=x`,
      `a=1;  ${SID}=x`,
      `\u00a0${SID}=x`,
      `${SID}\u00c2\u00a0=x`,
      `\u0000${SID}=x`,
      `\u001f${SID}=x`,
      `\u007f${SID}=x`,
      `__Host\u00ad-hf_sid=x`,
      `"${SID}"=x`,
      `=${SID}=x`,
      `= ${SID}=x`,
      `==${SID}=x`,
      `=${SID}`,
    ]
    for (const shadow of shadows) {
      assert.equal(reasonOf(shadow), 'shadow', JSON.stringify(shadow))
      assert.equal(reasonOf(`${SID}=good; ${shadow}`), 'shadow', JSON.stringify(shadow))
      assert.equal(reasonOf(`${shadow}; ${SID}=good`), 'shadow', JSON.stringify(shadow))
    }
  })

  it('refuses quoted values and all that is no cookie-octet', () => {
    for (const value of ['"abc"', 'a b', 'a,b', 'a\\b', 'a\u00e9', 'a\0', 'a\x7f', 'abc ', ' abc'])
      assert.equal(reasonOf(`${SID}=${value}`), 'malformed', value)
    assert.equal(reasonOf(SID), 'malformed')
  })

  it('never throws, and never gives a value that is not in the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('=', ';', ' ', 's', 'S', 'i', 'd', '"', '\u00a0', 'x') }), (header) => {
        const result = readCookie(header, 'sid')
        if (result.ok) assert.ok(header.split(';').filter((pair) => pair.trimStart() === `sid=${result.value}`).length === 1)
      }),
    )
  })

  it('agrees with a naive parser on every well-formed header', () => {
    const name = fc.constantFrom('a', 'b', 'sid', 'sid2')
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.stringMatching(/^[a-z0-9=]{0,5}$/)), { maxLength: 6 }), (pairs) => {
        const own = pairs.filter(([key]) => key === 'sid')
        const result = readCookie(pairs.map((pair) => pair.join('=')).join('; '), 'sid')
        if (own.length === 1) assert.deepEqual(result, { ok: true, value: own[0]![1] })
        else assert.deepEqual(result, { ok: false, reason: own.length === 0 ? 'missing' : 'duplicate' })
      }),
    )
  })
})

describe('countCookies', () => {
  it('counts pieces that hold something', () => {
    assert.deepEqual([undefined, '', ' ; ;', 'a=1', 'a=1; b=2;', 'a;b;c'].map(countCookies), [0, 0, 0, 1, 2, 3])
    assert.equal(countCookies('a=;'.repeat(4000)), 4000)
  })
})

describe('serializeCookie', () => {
  it('writes every attribute', () => {
    const text = serializeCookie('a', 'b', {
      path: '/x',
      domain: 'example.com',
      maxAge: 60,
      expires: new Date(0),
      secure: true,
      httpOnly: true,
      sameSite: 'none',
      partitioned: true,
    })
    assert.equal(
      text,
      'a=b; Path=/x; Domain=example.com; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=None; Partitioned',
    )
    assert.equal(serializeCookie(SID, 'v', HOST), `${SID}=v; Path=/; Secure; HttpOnly; SameSite=Lax`)
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!#-+\--:<-[\]-~]{0,40}$/), (value) => {
        const pair = serializeCookie(SID, value, HOST).split(';')[0]
        assert.deepEqual(readCookie(pair, SID), { ok: true, value })
      }),
    )
  })

  it('throws on everything that could add an attribute or a header (A97)', () => {
    const bad = ['a;b', 'a\r\nSet-Cookie: x=y', 'a\nb', 'a\0', 'a b', 'a,b', '"a"', 'a\\', 'é', '\u560d\u560a']
    for (const text of bad) {
      assert.throws(() => serializeCookie('a', text, HOST), TypeError, text)
      assert.throws(() => serializeCookie('a', 'v', { ...HOST, domain: text }), TypeError, text)
      assert.throws(() => serializeCookie(`n${text}`, 'v', HOST), TypeError, text)
    }
    for (const path of ['x', '', '/a;b', '/a\n', '/a b', '/a\x7f', '/é', `/${'a'.repeat(2000)}`]) {
      assert.throws(() => serializeCookie('a', 'v', { ...HOST, path }), /path/, path)
    }
    for (const name of ['', 'a=b', 'a b', '=', 'a;']) assert.throws(() => serializeCookie(name, 'v', HOST), TypeError, name)
    for (const domain of ['', '.example.com', 'example.com.']) {
      assert.throws(() => serializeCookie('a', 'v', { ...HOST, domain }), /domain/, domain)
    }
  })

  it('does not repeat the value in its message', () => {
    assert.throws(
      () => serializeCookie('a', 'topsecret;', HOST),
      (error: unknown) => error instanceof TypeError && !error.message.includes('topsecret'),
    )
  })

  it('throws on numbers, dates and words that user agents ignore', () => {
    for (const maxAge of [-1, 1.5, Number.NaN, Infinity, 34_560_001])
      assert.throws(() => serializeCookie('a', 'v', { ...HOST, maxAge }), /maxAge/)
    assert.throws(() => serializeCookie('a', 'v', { ...HOST, expires: new Date(Number.NaN) }), /expires/)
    assert.throws(() => serializeCookie('a', 'v'.repeat(4096), HOST), /4096/)
    assert.throws(() => serializeCookie('a', 'v', { ...HOST, sameSite: 'Lax; Domain=evil' as never }), /sameSite/)
    assert.throws(() => serializeCookie('a', 'v', { ...HOST, sameSite: 'constructor' as never }), /sameSite/)
  })

  it('accepts what is exactly at a limit', () => {
    assert.ok(
      serializeCookie('a', 'v'.repeat(4095), { ...HOST, path: `/${'p'.repeat(1023)}`, maxAge: 34_560_000 }).includes(
        'Max-Age=34560000',
      ),
    )
    const domain = `${'a.'.repeat(126)}a`
    assert.ok(serializeCookie('a', 'v', { ...HOST, domain }).includes(domain))
    assert.throws(() => serializeCookie('a', 'v', { ...HOST, domain: `a${domain}` }), /domain/)
    assert.throws(() => serializeCookie('a', 'v', { ...HOST, path: `/${'p'.repeat(1024)}` }), /1024/)
  })

  it('holds names to what their prefix promises, in any case', () => {
    const broken: [string, Partial<CookieAttributes>][] = [
      ['__Host-a', { secure: false }],
      ['__host-a', { secure: false }],
      ['__Host-a', { path: '/x' }],
      ['__Host-a', { domain: 'example.com' }],
      ['__Secure-a', { secure: false }],
      ['__Http-a', { httpOnly: false }],
      ['__Host-Http-a', { httpOnly: false }],
      ['__Host-Http-a', { path: '/x' }],
      ['a', { secure: false, sameSite: 'none' }],
      ['a', { secure: false, partitioned: true }],
    ]
    for (const [name, attributes] of broken)
      assert.throws(() => serializeCookie(name, 'v', { ...HOST, ...attributes }), TypeError, name)
    assert.doesNotThrow(() => serializeCookie('__Secure-a', 'v', { ...HOST, path: '/x', domain: 'example.com' }))
    assert.doesNotThrow(() => serializeCookie('__Host-Http-a', 'v', HOST))
  })
})

describe('expireCookie', () => {
  it('deletes with the attributes it was set with', () => {
    assert.equal(
      expireCookie(SID, { ...HOST, maxAge: 60 }),
      `${SID}=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax`,
    )
  })
})
