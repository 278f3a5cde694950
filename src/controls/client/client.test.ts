import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeInbound, runControls, startControls, type FakeRequest } from '../../../test/support/exchange.ts'
import { Client, Encrypted } from '../../engine/facts.ts'
import { client, type ClientOptions } from './client.ts'
import { TrustedPeer } from './slot.ts'

const PROXY = '10.0.0.1'

async function see(request: FakeRequest, options: ClientOptions = {}) {
  const { x } = await runControls([client], { client: options }, request)
  return { ...x.need(Client), encrypted: x.need(Encrypted), trusted: x.need(TrustedPeer) }
}

const behind = (headers: Record<string, string>, options: ClientOptions = {}, request: FakeRequest = {}) =>
  see({ peer: PROXY, encrypted: false, ...request, headers }, { trustedProxies: ['10.0.0.0/8'], ...options })

describe('client, without a declared proxy', () => {
  it('takes the address of the socket', async () => {
    assert.deepEqual(await see({ peer: '192.0.2.7' }), {
      address: '192.0.2.7',
      network: '192.0.2.7',
      site: undefined,
      encrypted: true,
      trusted: false,
    })
  })

  it('ignores every header that speaks of an address (A33)', async () => {
    const names = [
      'x-forwarded-for',
      'x-real-ip',
      'cf-connecting-ip',
      'true-client-ip',
      'x-client-ip',
      'x_forwarded_for',
      'x-cluster-client-ip',
    ]
    const headers = {
      ...Object.fromEntries(names.map((name) => [name, '6.6.6.6'])),
      forwarded: 'for=6.6.6.6;proto=https',
      'x-forwarded-proto': 'https',
    }
    const seen = await see({ peer: '192.0.2.7', encrypted: false, headers })
    assert.equal(seen.address, '192.0.2.7')
    assert.equal(seen.encrypted, false)
  })

  it('puts all requests without an address in one bucket', async () => {
    assert.deepEqual(await see({ peer: '' }), {
      address: 'unknown',
      network: 'unknown',
      site: undefined,
      encrypted: true,
      trusted: false,
    })
    assert.equal((await see({ peer: 'nonsense' })).network, 'unknown')
  })
})

describe('client, one bucket for one client', () => {
  it('gives every spelling of an IPv4 address one bucket, and distinct ones distinct buckets (A35)', async () => {
    for (const peer of ['1.2.3.4', '::ffff:1.2.3.4', '::ffff:102:304', '64:ff9b::1.2.3.4', '2002:102:304::1'])
      assert.equal((await see({ peer })).network, '1.2.3.4', peer)
    assert.equal((await see({ peer: '::ffff:1.2.3.5' })).network, '1.2.3.5')
  })

  it('gives an IPv6 address its /64, also when it ends in dots (A34, A36)', async () => {
    const seen = await see({ peer: '2001:db8:1:2::1.2.3.4' })
    assert.equal(seen.address, '2001:db8:1:2::102:304')
    assert.equal(seen.network, '2001:db8:1:2::/64')
    assert.equal(seen.site, '2001:db8:1::/48')
    assert.equal((await see({ peer: '2001:db8:1:2:ffff::9' })).network, seen.network)
  })

  it('drops the zone of a link-local address', async () => assert.equal((await see({ peer: 'fe80::1%eth0' })).address, 'fe80::1'))
})

describe('client, behind declared proxies', () => {
  it('takes the right-most address that is no proxy, whatever the client wrote before it (A31)', async () => {
    assert.equal((await behind({ 'x-forwarded-for': '6.6.6.6, 192.0.2.7' })).address, '192.0.2.7')
    assert.equal((await behind({ 'x-forwarded-for': '6.6.6.6, 192.0.2.7, 10.1.1.1' })).address, '192.0.2.7')
  })

  it('joins fields that stand twice before it looks from the right', async () => {
    const request: FakeRequest = {
      peer: PROXY,
      headers: [
        ['X-Forwarded-For', '6.6.6.6'],
        ['X-Forwarded-For', '192.0.2.7'],
      ],
    }
    assert.equal((await see(request, { trustedProxies: [PROXY] })).address, '192.0.2.7')
  })

  it('stops after so many hops, even where the next address would be trusted', async () => {
    assert.equal((await behind({ 'x-forwarded-for': '6.6.6.6, 10.9.9.9' }, { hops: 1 })).address, '10.9.9.9')
    assert.equal((await behind({ 'x-forwarded-for': '6.6.6.6, 10.9.9.9' }, { hops: 2 })).address, '6.6.6.6')
  })

  it('knows no client where an entry is no address', async () => {
    for (const value of ['192.0.2.7, unknown', '192.0.2.7,', '192.0.2.7, 010.0.0.1', '1.2.3.4, <script>'])
      assert.equal((await behind({ 'x-forwarded-for': value })).address, 'unknown', value)
  })

  it('takes the proxy itself where it said nothing', async () => assert.equal((await behind({})).address, PROXY))

  it('reads only the header that the proxies write', async () => {
    const headers = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', forwarded: 'for=192.0.2.7;proto=http' }
    const standard = await behind(headers, { forwarded: 'forwarded' })
    assert.equal(standard.address, '192.0.2.7')
    assert.equal(standard.encrypted, false)
    assert.equal((await behind(headers)).address, '6.6.6.6')
  })

  it('never looks at the spelling with underscores', async () => {
    assert.equal((await behind({ 'x-forwarded-for': '192.0.2.7', x_forwarded_for: '6.6.6.6' })).address, '192.0.2.7')
    assert.equal((await behind({ x_forwarded_for: '6.6.6.6', x_forwarded_proto: 'https' })).address, PROXY)
  })

  it('takes the quoted value of Forwarded as a value (A52)', async () => {
    const seen = await behind({ forwarded: 'for="1.1.1.1;host=evil;proto=https"' }, { forwarded: 'forwarded' })
    assert.equal(seen.address, 'unknown')
    assert.equal(seen.encrypted, false)
    assert.equal(
      (await behind({ forwarded: 'for="[2001:db8::1]:443";proto=https' }, { forwarded: 'forwarded' })).address,
      '2001:db8::1',
    )
  })

  it('believes nothing of a Forwarded that cannot be read', async () => {
    const seen = await behind({ forwarded: 'for=1.2.3.4;proto=https, "' }, { forwarded: 'forwarded' }, { encrypted: true })
    assert.equal(seen.address, 'unknown')
    assert.equal(seen.encrypted, false)
  })
})

describe('client, encrypted', () => {
  it('honours the last word of a declared proxy about the protocol', async () => {
    assert.equal((await behind({ 'x-forwarded-proto': 'https' })).encrypted, true)
    assert.equal((await behind({ 'x-forwarded-proto': 'https, http' })).encrypted, false)
    assert.equal((await behind({ 'x-forwarded-proto': 'http, HTTPS' })).encrypted, true)
    assert.equal((await behind({ 'x-forwarded-proto': 'wss' })).encrypted, true)
    assert.equal((await behind({ 'x-forwarded-proto': 'httpsx' }, {}, { encrypted: true })).encrypted, false)
  })

  it('asks the socket where the proxy did not say', async () => {
    assert.equal((await behind({})).encrypted, false)
    assert.equal((await behind({}, {}, { encrypted: true })).encrypted, true)
  })

  it('ignores the protocol that anybody else claims (A51)', async () => {
    assert.equal(
      (await see({ encrypted: false, headers: { 'x-forwarded-proto': 'https' } }, { trustedProxies: [PROXY] })).encrypted,
      false,
    )
  })
})

const start = (options: object) => () => startControls([client], { client: options })

describe('client, options', () => {
  it('refuses to believe everybody', () => {
    for (const entry of ['0.0.0.0/0', '::/0', '0.0.0.0/1', '8000::/1', '::ffff:0:0/96'])
      assert.throws(start({ trustedProxies: [entry] }), /HF_OPTION_INVALID.*believe strangers/, entry)
  })

  it('refuses what is no network', () => {
    for (const entry of ['10.0.0.1/8', 'proxy.example', '', '010.0.0.1', 7])
      assert.throws(start({ trustedProxies: [entry] }), /HF_OPTION_INVALID/, String(entry))
    assert.throws(start({ trustedProxies: '10.0.0.0/8' }), /HF_OPTION_INVALID/)
  })

  it('takes the words for private ranges', () => {
    for (const word of ['loopback', 'linklocal', 'uniquelocal', 'private'])
      assert.equal(startControls([client], { client: { trustedProxies: [word] } }).findings.length, 0)
  })

  it('advises against a wide IPv6 range', () => {
    assert.deepEqual(
      startControls([client], { client: { trustedProxies: ['2600::/16'] } }).findings.map(({ id }) => id),
      ['HF-CLIENT-1'],
    )
  })

  it('refuses other headers and numbers of hops', () => {
    assert.throws(start({ forwarded: 'x-real-ip' }), /client\.forwarded/)
    assert.throws(start({ hops: 0 }), /client\.hops/)
    assert.throws(start({ trustedProxy: [] }), /Did you mean "trustedProxies"/)
  })

  it('remembers clients without growing for ever', async () => {
    const running = startControls([client])
    for (let index = 0; index < 3000; index++) await running.run(fakeInbound({ peer: `10.1.${index >> 8}.${index & 255}` }))
    assert.equal((await running.run({ peer: '10.1.0.0' })).x.need(Client).address, '10.1.0.0')
  })
})
