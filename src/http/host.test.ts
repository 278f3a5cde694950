import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseHost } from './host.ts'

const reasonOf = (value: string) => {
  const result = parseHost(value)
  return result.ok ? `ok ${result.hostname} ${result.port}` : result.reason
}

describe('parseHost', () => {
  it('gives the name in lower case and the port', () => {
    const cases: [string, string, number | undefined][] = [
      ['example.com', 'example.com', undefined],
      ['Example.COM:8443', 'example.com', 8443],
      ['localhost:1', 'localhost', 1],
      ['127.0.0.1:65535', '127.0.0.1', 65535],
      ['[::1]:3000', '[::1]', 3000],
      ['[2001:DB8:0::1]', '[2001:db8::1]', undefined],
      ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', undefined],
      ['xn--bcher-kva.example', 'xn--bcher-kva.example', undefined],
      ['my_service', 'my_service', undefined],
      ['1and1.example', '1and1.example', undefined],
      ['a.0abc', 'a.0abc', undefined],
      ['a.1b', 'a.1b', undefined],
      [`${'a'.repeat(63)}.b`, `${'a'.repeat(63)}.b`, undefined],
      [`${'a.'.repeat(126)}a:65535`, `${'a.'.repeat(126)}a`, 65535],
    ]
    for (const [value, hostname, port] of cases) assert.deepEqual(parseHost(value), { ok: true, hostname, port }, value)
  })

  it('refuses userinfo (A45)', () => {
    for (const value of ['good@evil', 'good:80@evil', 'good:pw@evil', '@evil', 'good.com:@evil'])
      assert.equal(reasonOf(value), 'userinfo', value)
  })

  it('refuses paths, queries and fragments (A46)', () => {
    for (const value of ['evil/good', 'evil\\good', 'evil:80/x', '/', '//evil']) assert.equal(reasonOf(value), 'path', value)
    assert.equal(reasonOf('evil?good'), 'query')
    assert.equal(reasonOf('evil#good'), 'fragment')
  })

  it('refuses an empty value, lists, blanks, controls and other scripts (A48)', () => {
    assert.equal(reasonOf(''), 'empty')
    for (const value of ['a.com, b.com', 'a,b', 'a:80,b']) assert.equal(reasonOf(value), 'comma', value)
    for (const value of ['a b', ' a', 'a ', 'a\tb', 'a:80 ']) assert.equal(reasonOf(value), 'whitespace', value)
    for (const value of ['a\0', 'a\r\nb', 'a\x7f']) assert.equal(reasonOf(value), 'control', value)
    for (const value of ['bücher.example', 'exаmple.com', 'a\u3002com', '１.2.3.4'])
      assert.equal(reasonOf(value), 'non-ascii', value)
  })

  it('refuses trailing dots and bad labels (A54)', () => {
    assert.equal(reasonOf('example.com.'), 'trailing-dot')
    assert.equal(reasonOf('example.com.:443'), 'trailing-dot')
    for (const value of [
      '.example.com',
      'a..b',
      '-a.b',
      'a-.b',
      'a.-b',
      'a.b-',
      '.',
      ':80',
      'a%2eb',
      'a*b',
      `${'a'.repeat(64)}.b`,
    ]) {
      assert.equal(reasonOf(value), 'bad-name', value)
    }
    assert.equal(reasonOf('a'.repeat(300)), 'too-long')
    assert.equal(reasonOf(`${'a.'.repeat(127)}a`), 'bad-name')
  })

  it('refuses port junk (A54)', () => {
    for (const value of [
      'a:',
      'a:0',
      'a:080',
      'a:65536',
      'a:123456',
      'a:80x',
      'a:-1',
      'a:+80',
      'a:80:80',
      '[::1]:',
      '[::1]80',
      '[::1]x',
      '[::1]:x',
    ]) {
      assert.equal(reasonOf(value), 'bad-port', value)
    }
  })

  it('refuses numbers that a URL parser would read as another IPv4 address', () => {
    for (const value of ['127.1', '2130706433', '0x7f.1', '0x7f000001', '01.2.3.4', '1.2.3.4.5', 'a.1', '256.1.1.1'])
      assert.equal(reasonOf(value), 'bad-name', value)
  })

  it('refuses bad IPv6 literals', () => {
    for (const value of ['[', '[]', '[::1', '[1.2.3.4]', '[::1%eth0]', '[::g]']) assert.equal(reasonOf(value), 'bad-ipv6', value)
  })

  it('accepts only what a URL parser reads as the same host and port', () => {
    const part = fc.constantFrom('a', 'B', '.', '-', '_', ':', '8', '0', '@', '/', '[', ']', '::', '1', 'x', '%41', '\u00ad', ' ')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const value = parts.join('')
        const result = parseHost(value)
        if (!result.ok) return
        const url = new URL(`http://${value}/p`)
        assert.equal(url.hostname, result.hostname)
        assert.equal(url.port, result.port === undefined || result.port === 80 ? '' : String(result.port))
        assert.equal(url.pathname, '/p')
      }),
      { numRuns: 3000 },
    )
  })
})
