import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as nodeRs from '@node-rs/argon2'
import fc from 'fast-check'
import type { PasswordSetting } from './algorithm.ts'
import { algorithms, preferred, readStored } from './algorithms.ts'
import { loadArgon2, nodeArgon2, nodeRsArgon2, type Argon2Engine } from './argon2-engine.ts'
import { argon2id, OWASP_PARAMETERS } from './argon2id.ts'

// From the tests of the reference implementation, https://github.com/P-H-C/phc-winner-argon2 (src/test.c).
const REFERENCE = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
const setting = (engine: Argon2Engine = nodeArgon2): PasswordSetting => ({
  engine,
  parameters: OWASP_PARAMETERS,
  imported: {},
  runTask: () => Promise.reject(new Error('no thread')),
  bcrypt: false,
  onWork: () => {},
})
const notInstalled = () => Promise.reject(Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' }))

describe('argon2id', () => {
  for (const [name, engine] of Object.entries({ 'node:crypto': nodeArgon2, '@node-rs/argon2': nodeRsArgon2(nodeRs) }))
    it(`agrees with the reference implementation, computed by ${name}`, async () => {
      const stored = argon2id.read(REFERENCE, setting(engine))
      assert.equal(await stored?.matches(Buffer.from('password')), true)
      assert.equal(await stored?.matches(Buffer.from('Password')), false)
      assert.equal(stored?.current, false)
    })

  it('refuses costs that no server should pay, before paying', () => {
    const within = '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'
    assert.ok(argon2id.read(within, setting()))
    for (const cost of [
      'm=9999999,t=1,p=1',
      'm=262145,t=1,p=1',
      'm=65536,t=17,p=1',
      'm=262144,t=5,p=1',
      'm=65536,t=1,p=9',
      'm=7,t=1,p=1',
      'm=0,t=1,p=1',
      'm=64,t=0,p=1',
    ])
      assert.equal(argon2id.read(within.replace('m=65536,t=3,p=4', cost), setting()), undefined, cost)
  })

  it('reads exactly its own format', () => {
    const [, , , parameters, salt, hash] = REFERENCE.split('$')
    for (const text of [
      '',
      REFERENCE.replace('argon2id', 'argon2i'),
      REFERENCE.replace('v=19', 'v=16'),
      REFERENCE.replace('v=19$', ''),
      REFERENCE.replace('m=256', 'm=0256'),
      REFERENCE.replace('m=256', 'm=+256'),
      REFERENCE.replace('m=256,t=2', 't=2,m=256'),
      REFERENCE.replace('p=1', 'p=1,data=AAAA'),
      `$argon2id$v=19$${parameters}$${salt}$`,
      `$argon2id$v=19$${parameters}$c2E$${hash}`,
      `$argon2id$v=19$${parameters}$${salt}$nf65EOgL`,
      `${REFERENCE}\n`,
      `${REFERENCE}$`,
      ` ${REFERENCE}`,
      `${REFERENCE}${'A'.repeat(1e6)}`,
      `$argon2id$v=19$${'m=1,'.repeat(1e5)}`,
    ])
      assert.equal(argon2id.read(text, setting()), undefined, text.slice(0, 100))
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => argon2id.read(text, setting()) === undefined))
  })

  it('stands first in the list, and each format reads its own id alone', () => {
    assert.equal(preferred, argon2id)
    assert.equal(new Set(algorithms.map(({ id }) => id)).size, algorithms.length)
    assert.equal(readStored(REFERENCE, setting())?.recipe, undefined)
    assert.ok(readStored(REFERENCE, setting()))
    assert.equal(readStored('$argon2id', setting()), undefined)
    assert.equal(readStored('argon2id$', setting()), undefined)
  })
})

describe('loadArgon2', () => {
  const warnings: string[] = []
  const warn = (message: string) => warnings.push(message)
  it('uses @node-rs/argon2 when it is installed, and Node without a word when it is not', async () => {
    assert.notEqual(await loadArgon2(warn), nodeArgon2)
    assert.equal(await loadArgon2(warn, notInstalled), nodeArgon2)
    assert.deepEqual(warnings, [])
  })

  it('falls back to Node, loudly, when it does not load or computes something else', async () => {
    assert.equal(await loadArgon2(warn, () => Promise.reject(new Error('wrong GLIBC'))), nodeArgon2)
    assert.match(warnings.pop() ?? '', /does not load/)
    assert.equal(await loadArgon2(warn, async () => ({ hashRaw: async () => Buffer.alloc(32) })), nodeArgon2)
    assert.match(warnings.pop() ?? '', /wrong results/)
    assert.equal(await loadArgon2(warn, async () => ({ hashRaw: () => Promise.reject(new Error('broken')) })), nodeArgon2)
    assert.match(warnings.pop() ?? '', /wrong results/)
  })
})
