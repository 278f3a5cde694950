import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseForwarded, parseForwardedFor, parseNode } from './forwarded.ts'

describe('parseForwarded', () => {
  it('reads the examples of the RFC', () => {
    assert.deepEqual(parseForwarded('for="_gazonk"'), [{ for: '_gazonk' }])
    assert.deepEqual(parseForwarded('For="[2001:db8:cafe::17]:4711"'), [{ for: '[2001:db8:cafe::17]:4711' }])
    assert.deepEqual(parseForwarded('for=192.0.2.60;proto=http;by=203.0.113.43'), [
      { for: '192.0.2.60', proto: 'http', by: '203.0.113.43' },
    ])
    assert.deepEqual(parseForwarded('for=192.0.2.43, for=198.51.100.17;Host=a.example'), [
      { for: '192.0.2.43' },
      { for: '198.51.100.17', host: 'a.example' },
    ])
  })

  it('keeps what is quoted inside the quotes (A52)', () => {
    assert.deepEqual(parseForwarded('for="1.1.1.1;host=evil;proto=https"'), [{ for: '1.1.1.1;host=evil;proto=https' }])
    assert.deepEqual(parseForwarded('for="a, for=evil\\"x"; proto=http'), [{ for: 'a, for=evil"x', proto: 'http' }])
    assert.equal(parseNode('1.1.1.1;host=evil;proto=https'), undefined)
  })

  it('drops parameters it does not know, without a prototype to reach', () => {
    assert.deepEqual(parseForwarded('secret=x;for=1.1.1.1;__proto__=y;constructor=z'), [{ for: '1.1.1.1' }])
  })

  it('gives nothing for anything malformed', () => {
    const bad = [
      '',
      ' ',
      ',',
      ';',
      'for',
      'for=',
      '=1.1.1.1',
      'for=1.1.1.1,',
      ',for=1.1.1.1',
      'for=1.1.1.1;;host=a',
      'for=1.1.1.1;',
      'for=[::1]',
      'for=1.1.1.1:80',
    ]
    bad.push(
      'for="1.1.1.1',
      'for="1.1.1.1\\',
      'for="a"b',
      'for=a b',
      'for =a',
      'for= a',
      'for=1.1.1.1;for=2.2.2.2',
      'for=1.1.1.1;FOR=2.2.2.2',
      'for="\0"',
      'for="é"',
      'for=é',
      'x="";x=y',
    )
    bad.push('for=1.1.1.1 xhost=evil', 'for="a\x7f"')
    for (const value of bad) assert.equal(parseForwarded(value), undefined, JSON.stringify(value))
  })

  it('is bounded in elements and length', () => {
    const elements = (count: number) => Array.from({ length: count }, () => 'for=1.1.1.1').join(', ')
    assert.equal(parseForwarded(elements(32))?.length, 32)
    assert.equal(parseForwarded(elements(33)), undefined)
    assert.equal(parseForwarded(`for="${'a'.repeat(4096)}"`), undefined)
  })

  it('never throws', () => {
    const piece = fc.constantFrom('for', 'host', '=', '"', '\\', ',', ';', ' ', 'a', '1.1.1.1', '\0', '[', ']', ':')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const elements = parseForwarded(pieces.join(''))
        assert.ok(
          elements === undefined || (elements.length >= 1 && elements.length <= pieces.filter((text) => text === ',').length + 1),
        )
      }),
      { numRuns: 2000 },
    )
  })
})

describe('parseNode', () => {
  const seen = (text: string) => {
    const node = parseNode(text)
    if (node?.kind === 'address') return `${node.address.text} ${node.port}`
    return node?.kind === 'obfuscated' ? node.name : node?.kind
  }

  it('reads addresses, ports, unknown and obfuscated names', () => {
    assert.equal(seen('192.0.2.1'), '192.0.2.1 undefined')
    assert.equal(seen('192.0.2.1:4711'), '192.0.2.1 4711')
    assert.equal(seen('192.0.2.1:65535'), '192.0.2.1 65535')
    assert.equal(seen('192.0.2.1:_p'), '192.0.2.1 undefined')
    assert.equal(seen('[2001:db8::1]'), '2001:db8::1 undefined')
    assert.equal(seen('[2001:db8::1]:80'), '2001:db8::1 80')
    assert.equal(seen('[::ffff:1.2.3.4]:80'), '1.2.3.4 80')
    assert.equal(seen('Unknown'), 'unknown')
    assert.equal(seen('unknown:80'), 'unknown')
    assert.equal(seen('_hidden'), '_hidden')
    assert.equal(seen('_SEVKISEK:_x'), '_SEVKISEK')
  })

  it('gives nothing for everything else', () => {
    const bad = [
      '',
      ':',
      '_',
      ':80',
      '2001:db8::1',
      '[1.2.3.4]',
      '[::1',
      '::1]',
      '[::1]x',
      '[::1]80',
      '[]',
      '[::1%eth0]',
      '1.2.3.4:',
      '1.2.3.4:99999',
      '1.2.3.4:8x',
      '1.2.3.4:123456',
    ]
    for (const text of [
      ...bad,
      'localhost',
      '1.2.3',
      '01.2.3.4',
      '1.2.3.4 ',
      '_a b',
      'unknown2',
      '1.2.3.4:80:80',
      '1.2.3.4:-1',
      '1.2.3.4:_',
    ]) {
      assert.equal(parseNode(text), undefined, text)
    }
  })
})

describe('parseForwardedFor', () => {
  it('gives trimmed entries without ports, left to right', () => {
    assert.deepEqual(parseForwardedFor('1.1.1.1, 2.2.2.2:80 ,\t[2001:db8::1]:443,[::1],2001:db8::2'), [
      '1.1.1.1',
      '2.2.2.2',
      '2001:db8::1',
      '::1',
      '2001:db8::2',
    ])
  })

  it('keeps empty and strange entries, so that nobody can shift the hops', () => {
    assert.deepEqual(parseForwardedFor(''), [''])
    assert.deepEqual(parseForwardedFor('1.1.1.1:1, 2.2.2.2:65535, 3.3.3.3:123456'), ['1.1.1.1', '2.2.2.2', '3.3.3.3:123456'])
    assert.deepEqual(parseForwardedFor(',1.1.1.1,,x,'), ['', '1.1.1.1', '', 'x', ''])
    assert.deepEqual(parseForwardedFor('1.1.1.1:80x, [::1]x, [::1, a:b:c, unknown, 1.1.1.1:'), [
      '1.1.1.1:80x',
      '[::1]x',
      '[::1',
      'a:b:c',
      'unknown',
      '1.1.1.1:',
    ])
  })

  it('keeps the entries that the nearest proxies wrote, however many a client invents (A30, A31)', () => {
    const entries = parseForwardedFor(`${'9.9.9.9, '.repeat(1000)}1.1.1.1`)
    assert.equal(entries.length, 32)
    assert.equal(entries.at(-1), '1.1.1.1')
  })

  it('agrees with a split', () => {
    const entry = fc.constantFrom('', '1.1.1.1', '::1', 'x', '2.2.2.2')
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 32 }), (entries) =>
        assert.deepEqual(parseForwardedFor(entries.join(', ')), entries),
      ),
    )
  })
})
