import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import net from 'node:net'
import fc from 'fast-check'
import {
  NAMED_NETWORKS,
  contains,
  createAddressParser,
  isLoopback,
  network,
  parseAddress,
  parseNetwork,
  parseNetworks,
} from './ip.ts'

const textOf = (text: string) => parseAddress(text)?.text

describe('parseAddress', () => {
  it('gives one spelling for every spelling of an IPv6 address', () => {
    const cases: [string, string][] = [
      ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['2001:db8::0001', '2001:db8::1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['::', '::'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['fe80::', 'fe80::'],
      ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
      ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ]
    for (const [given, wanted] of cases) assert.equal(textOf(given), wanted, given)
  })

  it('unwraps embedded IPv4 by range, not by notation (A35)', () => {
    const same = [
      '1.2.3.4',
      '::ffff:1.2.3.4',
      '::ffff:102:304',
      '::FFFF:0102:0304',
      '0:0:0:0:0:ffff:102:304',
      '::1.2.3.4',
      '::102:304',
    ]
    same.push(
      '64:ff9b::1.2.3.4',
      '64:ff9b::102:304',
      '64:ff9b:1::1.2.3.4',
      '64:ff9b:1:ffff:ff:1:102:304',
      '2002:102:304::1',
      '2002:102:304:5:6:7:8:9',
    )
    for (const text of same) {
      assert.equal(textOf(text), '1.2.3.4', text)
      assert.equal(parseAddress(text)?.family, 4, text)
    }
    assert.notEqual(textOf('::ffff:1.2.3.4'), textOf('::ffff:1.2.3.5'))
  })

  it('does not unwrap a dotted tail outside of those ranges (A36)', () => {
    const address = parseAddress('2001:db8:1:2::1.2.3.4')
    assert.equal(address?.family, 6)
    assert.equal(address.text, '2001:db8:1:2::102:304')
    assert.equal(network(address, 64), '2001:db8:1:2::/64')
    assert.equal(textOf('64:ff9b:0:1::1.2.3.4'), '64:ff9b:0:1::102:304')
    assert.equal(textOf('64:ff9b:2::1.2.3.4'), '64:ff9b:2::102:304')
    assert.equal(textOf('64:1::1.2.3.4'), '64:1::102:304')
    assert.equal(textOf('abcd:ff9b::1.2.3.4'), 'abcd:ff9b::102:304')
    assert.equal(textOf('0:1::1.2.3.4'), '0:1::102:304')
    assert.equal(textOf('1::1.2.3.4'), '1::102:304')
    assert.equal(textOf('::'), '::')
    assert.equal(textOf('::1'), '::1')
  })

  it('refuses octal, hexadecimal, short, decimal and decorated IPv4', () => {
    const bad = [
      '01.2.3.4',
      '1.2.3.04',
      '0x7f.0.0.1',
      '127.1',
      '127.0.1',
      '2130706433',
      '1.2.3.4.5',
      '1.2.3',
      '1.2.3.256',
      '1.2.3.4 ',
      ' 1.2.3.4',
    ]
    for (const text of [
      ...bad,
      '1..2.3',
      '1.2.3.',
      '.1.2.3',
      '１.2.3.4',
      '1.2.3.4:80',
      '1.2.3.4%eth0',
      '',
      'localhost',
      '-1.2.3.4',
      '1e1.2.3.4',
      '00.0.0.0',
    ]) {
      assert.equal(parseAddress(text), undefined, text)
    }
  })

  it('refuses malformed IPv6', () => {
    const bad = [
      ':',
      ':::',
      '1',
      '1:',
      ':1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      'g::',
      '[::1]',
      '::1]',
      '1:2:3:4:5:6:7:8::',
    ]
    for (const text of [
      ...bad,
      '::1:2:3:4:5:6:7:8',
      '::1.2.3',
      '::01.2.3.4',
      '1.2.3.4::',
      '::ffff:1.2.3.4.5',
      '::1%',
      '::1%a/b',
      '::1% ',
      '::1/64',
      '::%%',
    ]) {
      assert.equal(parseAddress(text), undefined, text)
    }
    assert.equal(parseAddress('::1:2:3:4:5:6:7:8:9'), undefined)
    assert.equal(parseAddress('10.20.30.'), undefined)
    assert.equal(parseAddress(`::${'0'.repeat(100_000)}`), undefined)
    assert.equal(parseAddress(`fe80::1%${'a'.repeat(100)}`), undefined)
  })

  it('accepts exactly what the platform accepts, and its own canonical text', () => {
    const groups = fc.array(fc.constantFrom('', '0', '1', 'ab', 'FFFF', '0000', '10000', '1.2.3.4', 'x'), { maxLength: 10 })
    const texts = fc.oneof(
      groups.map((parts) => parts.join(':')),
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ maxLength: 20 }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const address = parseAddress(text)
        assert.equal(address !== undefined, net.isIP(text) !== 0 && !text.includes('%'))
        if (address === undefined) return
        assert.deepEqual(parseAddress(address.text), address)
        if (address.family === 6) assert.equal(new URL(`http://[${text}]`).hostname, `[${address.text}]`)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('network', () => {
  it('masks at any bit', () => {
    const six = parseAddress('2001:db8:aaaa:bbbb:cccc::1')!
    assert.deepEqual(
      [128, 64, 63, 56, 48, 33, 1, 0].map((bits) => network(six, bits)),
      [
        '2001:db8:aaaa:bbbb:cccc::1/128',
        '2001:db8:aaaa:bbbb::/64',
        '2001:db8:aaaa:bbba::/63',
        '2001:db8:aaaa:bb00::/56',
        '2001:db8:aaaa::/48',
        '2001:db8:8000::/33',
        '::/1',
        '::/0',
      ],
    )
    assert.equal(network(parseAddress('192.0.2.200')!, 25), '192.0.2.128/25')
    assert.equal(network(parseAddress('::ffff:192.0.2.200')!, 32), '192.0.2.200/32')
  })

  it('puts all addresses of one /64 into one key, and neighbours into others (A34)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (low) => {
        const hex = Buffer.from(low).toString('hex').match(/.{4}/g)!.join(':')
        assert.equal(network(parseAddress(`2001:db8:1:2:${hex}`)!, 64), '2001:db8:1:2::/64')
        assert.equal(network(parseAddress(`2001:db8:1:3:${hex}`)!, 64), '2001:db8:1:3::/64')
      }),
    )
  })

  it('throws when the prefix does not fit', () => {
    for (const bits of [-1, 33, 1.5, Number.NaN]) assert.throws(() => network(parseAddress('1.2.3.4')!, bits), RangeError)
  })
})

describe('parseNetwork and contains', () => {
  const within = (range: string, address: string) => contains(parseNetwork(range)!, parseAddress(address)!)

  it('decides membership at bit precision', () => {
    assert.equal(within('10.0.0.0/8', '10.255.0.1'), true)
    assert.equal(within('10.0.0.0/8', '11.0.0.1'), false)
    assert.equal(within('172.16.0.0/12', '172.31.255.255'), true)
    assert.equal(within('172.16.0.0/12', '172.32.0.0'), false)
    assert.equal(within('2001:db8::/32', '2001:db8:ffff::1'), true)
    assert.equal(within('2001:db8::/33', '2001:db8:8000::1'), false)
    assert.equal(within('0.0.0.0/0', '1.2.3.4'), true)
    assert.equal(within('0.0.0.0/0', '2001:db8::1'), false)
    assert.equal(within('192.0.2.7', '192.0.2.7'), true)
    assert.equal(within('192.0.2.7', '192.0.2.6'), false)
  })

  it('sees through notation on both sides', () => {
    assert.equal(within('10.0.0.0/8', '::ffff:10.1.2.3'), true)
    assert.equal(within('::ffff:10.0.0.0/104', '10.1.2.3'), true)
    assert.equal(parseNetwork('::ffff:0:0/96')?.text, '0.0.0.0/0')
    assert.equal(parseNetwork('64:ff9b::/96')?.text, '0.0.0.0/0')
    assert.equal(parseNetwork('2002:a00::/24')?.text, '10.0.0.0/8')
    assert.equal(parseNetwork('::/96')?.text, '0.0.0.0/0')
    assert.equal(parseNetwork('::/0')?.text, '::/0')
    assert.equal(parseNetwork('::/128')?.text, '::/128')
    assert.equal(parseNetwork('2002::/15')?.text, '2002::/15')
    assert.equal(parseNetwork('fe80::/96')?.text, 'fe80::/96')
    assert.equal(parseNetwork('::ffff:1.2.3.4/128')?.text, '1.2.3.4/32')
    assert.equal(parseNetwork('::ffff:1.2.3.4/129'), undefined)
    assert.equal(parseNetwork('fe80::1')?.text, 'fe80::1/128')
  })

  it('refuses bits behind the prefix, wrong lengths and junk', () => {
    for (const text of [
      '10.0.0.1/8',
      '2001:db8::1/64',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/08',
      '10.0.0.0/+8',
      '10.0.0.0/8/8',
      '10/8',
      '*',
      '',
      '/8',
      'all',
    ]) {
      assert.equal(parseNetwork(text), undefined, text)
    }
  })

  it('contains what it was cut from', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(32), (text, bits) => {
        const address = parseAddress(text)!
        assert.equal(contains(parseNetwork(network(address, bits))!, address), true)
      }),
    )
  })
})

describe('named networks', () => {
  const inside = (name: string, address: string) => parseNetworks(name)!.some((range) => contains(range, parseAddress(address)!))

  it('knows loopback, link-local and private ranges', () => {
    assert.equal(inside('loopback', '127.9.9.9'), true)
    assert.equal(inside('loopback', '::1'), true)
    assert.equal(inside('linklocal', 'fe80::1%en0'), true)
    assert.equal(inside('linklocal', '169.254.169.254'), true)
    assert.equal(inside('uniquelocal', '192.168.1.1'), true)
    assert.equal(inside('uniquelocal', 'fd00::1'), true)
    assert.equal(inside('private', '127.0.0.1'), true)
    assert.equal(inside('private', '8.8.8.8'), false)
    assert.equal(inside('private', '2001:db8::1'), false)
    assert.equal(
      Object.values(NAMED_NETWORKS)
        .flat()
        .includes(undefined as never),
      false,
    )
  })

  it('does not take inherited names for sets', () => {
    assert.equal(parseNetworks('constructor'), undefined)
    assert.equal(parseNetworks('10.0.0.0/8')?.[0]?.text, '10.0.0.0/8')
  })

  it('recognises loopback in every notation', () => {
    for (const text of ['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'])
      assert.equal(isLoopback(parseAddress(text)!), true, text)
    for (const text of ['128.0.0.1', '::2', 'fe80::1', '::']) assert.equal(isLoopback(parseAddress(text)!), false, text)
  })
})

describe('createAddressParser', () => {
  it('remembers at most max addresses and forgets the oldest', () => {
    const parse = createAddressParser(2)
    const first = parse('::ffff:1.2.3.4')
    assert.equal(parse('::ffff:1.2.3.4'), first)
    parse('1.1.1.1')
    parse('nonsense')
    assert.equal(parse('::ffff:1.2.3.4'), first)
    parse('2.2.2.2')
    const again = parse('::ffff:1.2.3.4')
    assert.notEqual(again, first)
    assert.deepEqual(again, first)
  })

  it('refuses a size that is none', () => {
    assert.equal(createAddressParser(1)('1.2.3.4')?.text, '1.2.3.4')
    for (const max of [0, -1, 1.5, Number.NaN]) assert.throws(() => createAddressParser(max), RangeError)
  })
})
