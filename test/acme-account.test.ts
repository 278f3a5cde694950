/** The account at an authority of certificates: its key replaced, forgotten by the authority, and deactivated. Against Pebble. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../src/crypto/keyring.ts'
import { openAccount, type KeptAccount } from '../src/tls/acme/account.ts'
import { newKey, outboundOf } from '../src/tls/acme/client.ts'
import { readAcmeOptions, type AcmeOptions } from '../src/tls/acme/options.ts'
import { sealed } from '../src/tls/acme/sealed.ts'
import { fileStorage } from '../src/tls/index.ts'
import { acmeSite } from './support/acme.ts'
import { pebblePath, startPebble } from './support/pebble.ts'

const found = await pebblePath()
const closing: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closing.toReversed()) await close()
})

/** A certificate that was given to an account, whatever is validated. */
async function account() {
  const pebble = await startPebble({ faults: { PEBBLE_VA_ALWAYS_VALID: '1', PEBBLE_WFE_NONCEREJECT: '20' } })
  const site = await acmeSite()
  closing.push(() => Promise.all([site.close(), pebble.stop()]))
  const keys = parseKeyring(generateKey())
  const storage = await fileStorage(`${site.folder}/account`)
  const store = sealed(storage, keys)
  const options = { names: ['a.test'], keys, storage }
  const open = async () => await site.open(pebble, options)
  const kept = async () => (await store.read('account')) as KeptAccount
  const change = async (more: Partial<KeptAccount>) => await store.write('account', { ...(await kept()), ...more })
  /** The account itself, as the program opens it: of this storage, or of another. */
  async function client(of = store) {
    const { directory, outbound } = pebble
    const setting = readAcmeOptions({ ...options, directory, outbound, termsAgreed: true } as AcmeOptions)
    return await openAccount(setting, of, outboundOf(setting))
  }
  const other = sealed(await fileStorage(`${site.folder}/other`), keys)
  const accounts = () => new Set(pebble.log().match(/There are now \d+ accounts/g)).size
  const certificates = await open()
  await certificates.ready()
  return { site, certificates, kept, change, client, accounts, other }
}

const reasonOf = ({ site }: Awaited<ReturnType<typeof account>>) => String(site.reports.at(-1)!.data['reason'])

describe('the account at an authority', { skip: 'skip' in found && found.skip }, () => {
  it('gets a new key, with which the same account asks from then on, and the old one is good for nothing', async () => {
    const f = await account()
    const before = await f.kept()
    const next = newKey()
    await f.change({ next })
    await f.certificates.renew()
    const { directory, url } = before
    assert.deepEqual(await f.kept(), { key: next, url, directory })
    assert.ok(f.site.reports.some(({ type }) => type === 'tls_account_key_replaced'))
    await f.certificates.renew()
    assert.equal(f.accounts(), 1)
    await f.change({ key: before.key })
    await assert.rejects(f.certificates.renew())
  })

  it('is found under the new key when what asked for it died before it could write that down', async () => {
    const f = await account()
    const { key, url, directory } = await f.kept()
    const next = newKey()
    await f.change({ next })
    await f.client()
    await f.change({ key, next }) // as if the answer had not come
    await f.certificates.renew()
    assert.deepEqual(await f.kept(), { key: next, url, directory })
  })

  it('keeps its key when the authority does not take the new one, and the certificate is renewed all the same', async () => {
    const f = await account()
    const before = await f.kept()
    await f.client(f.other)
    const taken = (await f.other.read('account')) as KeptAccount
    await f.change({ next: taken.key }) // another account has it: 409 (RFC 8555 section 7.3.5)
    await f.certificates.renew()
    assert.deepEqual(await f.kept(), before)
    const types = f.site.reports.map(({ type }) => type)
    assert.equal(types.filter((type) => type === 'tls_certificate_obtained').length, 2)
    assert.ok(types.includes('tls_renewal_failed') && !types.includes('tls_account_key_replaced'))
  })

  it('is made anew, with the same key, when the authority has forgotten it', async () => {
    const f = await account()
    const { key, url } = await f.kept()
    await f.change({ key: newKey(), url: `${url!}000` })
    const lost = (await f.kept()).key
    await f.certificates.renew()
    const { key: after, url: fresh } = await f.kept()
    assert.equal(after, lost)
    assert.ok(fresh !== undefined && fresh !== url && after !== key)
    assert.equal(f.accounts(), 2)
  })

  it('is said to be deactivated when it is, and is not replaced without being asked', async () => {
    const f = await account()
    const { client } = await f.client()
    await client.updateAccount({ status: 'deactivated' } as never)
    const before = await f.kept()
    await assert.rejects(f.certificates.renew(), /deactivated|unauthorized/i)
    assert.deepEqual(await f.kept(), before)
    assert.equal(f.accounts(), 1)
    assert.ok(reasonOf(f).length > 0)
  })
})
