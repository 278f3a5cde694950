import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { keyWrapper } from '../../test/support/key-wrapper.ts'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { environmentSecrets, firstOf, mountedSecrets, SecretsError } from './source.ts'
import { repeatedSecret, secretWeakness } from './strength.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-sources-'))
after(() => rmSync(folder, { recursive: true }))

describe('sources of secrets', () => {
  writeFileSync(join(folder, 'STRIPE_KEY'), 'from the mount\n')

  it('are the environment, files that it names, and folders that are mounted', async () => {
    const environment = environmentSecrets({
      A: 'a',
      STRIPE_KEY_FILE: join(folder, 'STRIPE_KEY'),
      B: 'b',
      B_FILE: 'b',
      C_FILE: '/none',
    })
    assert.equal((await environment.get('A'))!.reveal(), 'a')
    assert.equal((await environment.get('STRIPE_KEY'))!.reveal(), 'from the mount')
    assert.equal(await environment.get('NONE'), undefined)
    await assert.rejects(environment.get('B'), /both set/)
    await assert.rejects(environment.get('C'), /cannot be read/)
    assert.equal((await mountedSecrets(folder).get('STRIPE_KEY'))!.reveal(), 'from the mount')
    assert.equal(await mountedSecrets(folder).get('NONE'), undefined)
    writeFileSync(join(folder, 'EMPTY'), '\n')
    await assert.rejects(mountedSecrets(folder).get('EMPTY'), { name: 'SecretsError', message: /which is empty/ })
    await assert.rejects(environmentSecrets({ A_FILE: '/dev/zero' }).get('A'), /no file/)
  })

  it('follow the links by which Kubernetes changes a mounted secret while the process runs', async () => {
    const mount = join(folder, 'mount')
    mkdirSync(join(mount, '..one'), { recursive: true })
    writeFileSync(join(mount, '..one', 'TOKEN'), 'one')
    symlinkSync('..one', join(mount, '..data'))
    symlinkSync('..data/TOKEN', join(mount, 'TOKEN'))
    const source = mountedSecrets(mount)
    assert.equal((await source.get('TOKEN'))!.reveal(), 'one')
    writeFileSync(join(mount, '..one', 'TOKEN'), 'two')
    assert.equal((await source.get('TOKEN'))!.reveal(), 'two')
  })

  it('are asked in their order, and one that fails is not passed over', async () => {
    const first = firstOf(environmentSecrets({ A: 'env' }), mountedSecrets(folder))
    assert.equal((await first.get('A'))!.reveal(), 'env')
    assert.equal((await first.get('STRIPE_KEY'))!.reveal(), 'from the mount')
    await assert.rejects(firstOf(mountedSecrets('/none'), environmentSecrets({ A: 'env' })).get('A'), SecretsError)
    for (const name of ['../STRIPE_KEY', '..', '/etc/passwd', 'a b']) await assert.rejects(first.get(name), SecretsError)
  })
})

describe('an envelope', () => {
  it('holds a key ring that opens with the service alone', async () => {
    const wrapper = keyWrapper()
    const ring = generateKey('k1')
    const envelope = await sealEnvelope(wrapper, new Secret(ring), 'key-ring')
    assert.ok(!envelope.includes(ring.split(':')[1]!))
    assert.equal(parseKeyring(await openEnvelope(wrapper, `${envelope}\n`, 'key-ring')).current, 'k1')
    assert.notEqual(await sealEnvelope(wrapper, ring, 'key-ring'), envelope)
    assert.deepEqual(wrapper.asked.slice(0, 2), ['wrap key-ring', 'unwrap key-ring'])
  })

  it('opens for nothing else, under no other master key, and not when it was changed', async () => {
    const wrapper = keyWrapper()
    const envelope = await sealEnvelope(wrapper, 'text', 'key-ring')
    await assert.rejects(openEnvelope(wrapper, envelope, 'other'), SecretsError)
    await assert.rejects(openEnvelope(keyWrapper(), envelope, 'key-ring'), SecretsError)
    await assert.rejects(openEnvelope(keyWrapper('arn:test:key/2'), envelope, 'key-ring'), /was made for the master key/)
    const other = await sealEnvelope(wrapper, 'other', 'key-ring')
    const mixed = [...envelope.split('.').slice(0, 3), other.split('.')[3]].join('.')
    await assert.rejects(openEnvelope(wrapper, mixed, 'key-ring'), /was changed/)
    for (const text of ['', 'hf-envelope-1', `${envelope}.x`, envelope.replace('1.', '2.')])
      await assert.rejects(openEnvelope(wrapper, text, 'key-ring'), SecretsError)
  })
})

describe('weak secrets', () => {
  it('are those that are short, copied, or repeat themselves', () => {
    for (const weak of [
      '',
      'short',
      'changeme-changeme',
      'my-secret-key-2024',
      'aaaaaaaaaaaaaaaaaaaa',
      'your_client_secret_here',
      'abababababababababab',
    ])
      assert.notEqual(secretWeakness(weak), undefined, weak)
    for (const fine of [generateKey(), 'GOCSPX-8fJk2mQ9xLr4Tz7Vb1Nc', '7d0f1c52-9f0b-4e63-a7cd-2b1c8f0e6d11'])
      assert.equal(secretWeakness(new Secret(fine)), undefined, fine)
  })

  it('are those that stand under two names', () => {
    assert.deepEqual(repeatedSecret({ A: 'one', B: undefined, C: new Secret('one') }), ['A', 'C'])
    assert.equal(repeatedSecret({ A: 'one', B: 'two' }), undefined)
  })
})
