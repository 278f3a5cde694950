import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isPublicAddress } from './public-address.ts'

const INSIDE = [
  ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0.0.0.0', '0.1.2.3'],
  ...[
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
  ],
  ...['168.63.129.16', '192.88.99.1', '240.0.0.1'],
  ...[
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    'fec0::1',
  ],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b::169.254.169.254'],
  ...['64:ff9b:1::7f00:1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '2001:0:7f00:1::', '2001::1', '5f00::1', '4000::1'],
  ...['2606:4700::5efe:7f00:1', '2a00:1450::200:5efe:10.0.0.1'],
]
const SPELLINGS = ['2130706433', '0177.0.0.1', '0x7f.1', '127.1', 'localhost', '', '①②⑦.0.0.1', '[::1]', '8.8.8.8 ', '8.8.8.8%1']
const OUTSIDE = [
  ...['8.8.8.8', '1.1.1.1', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '192.167.0.1', '169.253.1.1'],
  ...['2606:4700::1111', '2a00:1450:4001:80b::200e', '2001:200::1', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
]

describe('isPublicAddress', () => {
  it('is false for what is on this machine, around it, or reserved, in every form that carries it', () => {
    assert.deepEqual(INSIDE.filter(isPublicAddress), [])
  })

  it('is false for what is no address in its one spelling', () => assert.deepEqual(SPELLINGS.filter(isPublicAddress), []))

  it('is true for addresses of the Internet', () => {
    assert.deepEqual(
      OUTSIDE.filter((text) => !isPublicAddress(text)),
      [],
    )
  })

  it('is false for forms that carry an address, whatever they carry, but for mapped and NAT64', () => {
    assert.deepEqual(['::8.8.8.8', '2002:808:808::', '64:ff9b:1::8.8.8.8', '2001:0:808:808::'].filter(isPublicAddress), [])
  })

  it('says of a mapped address and of NAT64 what it says of the address inside', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        for (const carrier of [`::ffff:${text}`, `64:ff9b::${text}`])
          assert.equal(isPublicAddress(carrier), isPublicAddress(text))
      }),
    )
  })
})
