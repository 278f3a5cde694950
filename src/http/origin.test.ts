import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { originOf, parseOrigin } from './origin.ts'

const reasonOf = (value: string) => {
  const result = parseOrigin(value)
  return result.ok ? `ok ${result.origin}` : result.reason
}

describe('parseOrigin', () => {
  it('takes a serialised origin apart', () => {
    assert.deepEqual(parseOrigin('https://app.example.com'), {
      ok: true,
      origin: 'https://app.example.com',
      scheme: 'https',
      hostname: 'app.example.com',
      port: undefined,
    })
    assert.deepEqual(parseOrigin('http://[::1]:3000'), {
      ok: true,
      origin: 'http://[::1]:3000',
      scheme: 'http',
      hostname: '[::1]',
      port: 3000,
    })
    for (const origin of ['chrome-extension://abcdef', 'a://b', 'z9+-.0://b', 'za0://b', `${'a'.repeat(32)}://b`]) {
      assert.equal(reasonOf(origin), `ok ${origin}`)
    }
    assert.equal(reasonOf(`${'a'.repeat(33)}://b`), 'no-scheme')
  })

  it('drops the port of the scheme, and only that', () => {
    assert.equal(reasonOf('https://a.example:443'), 'ok https://a.example')
    assert.equal(reasonOf('http://a.example:80'), 'ok http://a.example')
    assert.equal(reasonOf('http://a.example:443'), 'ok http://a.example:443')
    assert.equal(reasonOf('https://a.example:80'), 'ok https://a.example:80')
  })

  it('refuses null with its own reason (A24)', () => assert.equal(reasonOf('null'), 'null'))

  it('refuses joined duplicates (A15)', () => {
    for (const value of [
      'https://a.example, https://b.example',
      'https://a.example,https://a.example',
      'null, https://a.example',
    ]) {
      assert.equal(reasonOf(value), 'multiple', value)
    }
  })

  it('keeps scheme, suffixes and ports apart (A16, A17, A25)', () => {
    const own = 'https://app.example.com'
    const others = [
      'http://app.example.com',
      'https://app.example.com.evil.com',
      'https://evilapp.example.com',
      'https://app.example.com:8443',
      'https://app-example.com',
    ]
    for (const value of others) assert.notEqual(reasonOf(value), `ok ${own}`, value)
  })

  it('refuses everything that is more than an origin (A17, A25)', () => {
    const cases: [string, string][] = [
      ['', 'empty'],
      ['app.example.com', 'no-scheme'],
      ['//app.example.com', 'no-scheme'],
      ['https:app.example.com', 'no-scheme'],
      ['https:/app.example.com', 'no-scheme'],
      ['1http://a', 'bad-scheme'],
      ['ht tp://a', 'bad-scheme'],
      ['HTTPS://a.example', 'bad-scheme'],
      ['https://a.example/', 'path'],
      ['https://a.example/x', 'path'],
      ['https://a.example\\', 'path'],
      ['https://u@a.example', 'userinfo'],
      ['https://a.example?x', 'query'],
      ['https://a.example#x', 'fragment'],
      ['https://a.example.', 'trailing-dot'],
      ['https://app.example.com%60.evil', 'bad-name'],
      ['https://*.example.com', 'bad-name'],
      ['https://', 'empty'],
      ['https://a.example:', 'bad-port'],
      ['https://A.example', 'uppercase'],
      ['https://[::0001]', 'uppercase'],
      [' https://a.example', 'bad-scheme'],
      ['https://a.example ', 'whitespace'],
      ['https://a.example\n', 'control'],
      ['https://аpp.example', 'non-ascii'],
    ]
    for (const [value, reason] of cases) assert.equal(reasonOf(value), reason, value)
  })

  it('accepts only what a URL parser serialises in the same way', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), (text) => {
        const { origin } = new URL(text)
        const result = parseOrigin(origin)
        if (result.ok) assert.equal(result.origin, origin)
        const whole = parseOrigin(text)
        if (whole.ok) assert.equal(whole.origin, origin)
      }),
    )
  })
})

describe('originOf', () => {
  it('normalises what an owner writes and gives nothing for URLs without an origin', () => {
    assert.equal(originOf('HTTPS://App.Example.com:443/path?x'), 'https://app.example.com')
    assert.equal(originOf(new URL('http://bücher.example')), 'http://xn--bcher-kva.example')
    for (const url of ['file:///x', 'data:,x', 'javascript:1', 'nonsense', '']) assert.equal(originOf(url), undefined, url)
  })
})
