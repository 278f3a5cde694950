import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Work } from '../algorithm.ts'
import { createHasher, type HasherOptions } from '../hasher.ts'
import type { FirebaseParameters, ImportedSecrets } from './secrets.ts'
import { hasBcrypt } from './thread.ts'

interface Vector {
  readonly source: string
  readonly name: string
  readonly stored: string
  readonly password: string
  readonly salt?: string
  readonly parameters?: FirebaseParameters
}

const vectors = JSON.parse(readFileSync(new URL('../../../../test/vectors/passwords.json', import.meta.url), 'utf8')) as Vector[]
const groups = Map.groupBy(vectors, ({ source, name }) => `${source}, ${name}`)
const cheap = { memory: 64, passes: 1, parallelism: 1 }
const hasher = (options: HasherOptions = {}) =>
  createHasher({ insecureParameters: cheap, queue: 1000, maximumWait: 1e6, ...options })

/** As the import stores it, and what is to be known besides. */
function imported(vector: Vector): { stored: string; secrets: ImportedSecrets } {
  if (vector.salt !== undefined) return { stored: `$flask-security${vector.stored}`, secrets: { flaskSecuritySalt: vector.salt } }
  return { stored: vector.stored, secrets: vector.parameters ? { firebase: vector.parameters } : {} }
}

describe('hashes that the original libraries made', () => {
  it('are here of every library', () => assert.ok(groups.size >= 50, `${groups.size}`))

  for (const [name, group] of groups) {
    if (name.endsWith('plain')) continue
    it(`${name}: the password is right, another is not, and it is to be hashed again`, async () => {
      for (const vector of group) {
        const { stored, secrets } = imported(vector)
        const { verify, inspect } = hasher({ imported: secrets })
        const seen = await inspect(stored)
        assert.ok(seen.ok, JSON.stringify(seen))
        assert.deepEqual(await verify(vector.password, stored), { ok: true, rehash: true }, stored)
        assert.deepEqual(await verify(`!${vector.password}`, stored), { ok: false, rehash: false })
      }
    })
  }

  it('are refused when they hold the password itself, and the operator is told once', async () => {
    const warnings: string[] = []
    const { verify } = hasher({ warn: (text) => warnings.push(text) })
    const plain = vectors.filter(({ stored }) => stored.startsWith('plain$'))
    assert.ok(plain.length > 0)
    for (const { stored, password } of plain) assert.equal((await verify(password, stored)).ok, false)
    const told = warnings.filter((text) => text.includes('plain text'))
    assert.equal(told.length, 1)
    assert.ok(!told.join().includes(plain[0]!.password))
  })

  it('verify once wrapped, one of each kind, with a strong hash around them', async () => {
    for (const [, [vector]] of groups) {
      if (vector!.name === 'plain' || vector!.name.startsWith('argon2id')) continue
      const { stored, secrets } = imported(vector!)
      const { wrap, verify, inspect } = hasher({ imported: secrets })
      const around = (await wrap(stored)) ?? ''
      assert.ok(around.startsWith('$hf-wrap$'), stored)
      assert.ok(!around.includes(stored.slice(-20)), 'the old digest is gone')
      assert.deepEqual(await verify(vector!.password, around), { ok: true, rehash: true }, around)
      assert.deepEqual(await verify(`${vector!.password}!`, around), { ok: false, rehash: false })
      const seen = await inspect(around)
      assert.ok(seen.ok && !seen.weak && seen.own)
      assert.equal(await wrap(around), undefined)
    }
  })
})

describe('an imported hash', () => {
  it('asks for no more work than is allowed, in any format (L91)', async () => {
    const hex = 'ab'.repeat(32)
    const b64 = 'A'.repeat(43)
    const costly = [
      `scrypt:1048576:8:1$salt$${hex}`,
      `scrypt:16384:64:64$salt$${hex}`,
      `scrypt:16385:8:1$salt$${hex}`,
      `scrypt:0:8:1$salt$${hex}`,
      `pbkdf2:sha256:99999999$salt$${hex}`,
      `pbkdf2:sha256:0$salt$${hex}`,
      `pbkdf2:whirlpool:1$salt$${hex}`,
      `pbkdf2_sha256$99999999$salt$${b64}=`,
      `scrypt$1048576$salt$8$1$${b64}=`,
      `argon2$argon2i$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$${b64}`,
      `$argon2i$v=19$m=262144,t=99,p=1$c29tZXNhbHQ$${b64}`,
      `$argon2d$v=16$m=1024,t=2,p=1$c29tZXNhbHQ$${b64}`,
      `$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$${b64}`,
      `$scrypt$ln=99999999,r=8,p=1$c29tZXNhbHQ$${b64}`,
      `$pbkdf2-sha256$99999999$c29tZXNhbHQ$${b64}`,
      `$pbkdf2-sha256$i=1000,l=16$c29tZXNhbHQ$${b64}`,
      `$2b$16$${'a'.repeat(53)}`,
      `$2b$03$${'a'.repeat(53)}`,
      `$2x$05$${'a'.repeat(53)}`,
      `$bcrypt-sha256$v=2,t=2b,r=31$${'a'.repeat(22)}$${'a'.repeat(31)}`,
      `$P$z${'a'.repeat(30)}`,
      `$P$0${'a'.repeat(30)}`,
      `$5$rounds=999999999$salt$${'a'.repeat(43)}`,
      `$6$rounds=10$salt$${'a'.repeat(86)}`,
      `$6$salt$${'a'.repeat(43)}`,
      `{SSHA}${'A'.repeat(28)}`,
      `sha256$salt$${'z'.repeat(64)}`,
      `$hf-wrap$${Buffer.from('$P$z').toString('base64url')}$argon2id$x`,
    ]
    const work: Work[] = []
    const { verify, inspect } = hasher({ onWork: (done) => work.push(done) })
    for (const stored of costly) {
      assert.deepEqual(await inspect(stored), { ok: false, reason: 'unbounded' }, stored)
      work.length = 0
      assert.equal((await verify('the kettle sings at noon', stored)).ok, false)
      assert.deepEqual(work, [{ algorithm: 'argon2id', ...cheap }], `the work of a wrong password, and no more: ${stored}`)
    }
  })

  it('is refused in linear time when it is nonsense of any length', async () => {
    const { inspect } = hasher()
    for (const stored of [
      '',
      '$',
      '!',
      `scrypt:${'1:'.repeat(500_000)}`,
      `$2b$12$${'a'.repeat(1_000_000)}`,
      '\0',
      'a$'.repeat(10_000),
    ])
      assert.equal((await inspect(stored)).ok, false)
  })

  it('says what it needs', async () => {
    const { inspect } = hasher()
    const reason = async (stored: string) => {
      const seen = await inspect(stored)
      return seen.ok ? 'ok' : seen.reason
    }
    assert.equal(await reason('$flask-security$2b$05$x'), 'needs-flask-security-salt')
    assert.equal(await reason('$firebase-scrypt$x$x'), 'needs-firebase')
    assert.equal(await reason('{noop}letmein'), 'plain')
    assert.equal(await reason('something else'), 'unknown-format')
    assert.throws(
      () => hasher({ imported: { firebase: { signerKey: '', saltSeparator: '', rounds: 8, memCost: 30 } } }),
      /memCost/,
    )
    assert.throws(() => hasher({ imported: { flaskSecuritySalt: '' } }), /flaskSecuritySalt/)
    const gone = () => {
      throw new Error('ERR_MODULE_NOT_FOUND')
    }
    assert.deepEqual([hasBcrypt(gone), hasBcrypt()], [false, true])
  })

  it('does not take a password with a zero byte for a shorter one', async () => {
    const [vector] = groups.get('passlib 1.7.4, bcrypt')!
    assert.equal((await hasher().verify(`${vector!.password}\0more`, vector!.stored)).ok, false)
  })

  it('costs as much as no account does, right or wrong, as soon as the hasher knows of one (L73)', async () => {
    const work: string[] = []
    const counting = hasher({ onWork: ({ algorithm, passes }) => work.push(`${algorithm} ${passes}`) })
    const { stored: old, password } = vectors.find(({ name }) => name === 'pbkdf2:sha1:1000')!
    const own = await counting.hash(password)
    await counting.resemble(old)
    const during = async (act: () => Promise<unknown>) => {
      work.length = 0
      await act()
      return work.toSorted()
    }
    const expected = ['argon2id 1', 'pbkdf2-sha1 1000']
    for (const act of [
      () => counting.verify(password, old),
      () => counting.verify('wrong', old),
      () => counting.verify(password, own),
      () => counting.verify('wrong', own),
      () => counting.verify('wrong', 'nonsense'),
      () => counting.verifyNothing('wrong'),
    ])
      assert.deepEqual(await during(act), expected)
    // Also for what nobody can have typed, and for what is spelt in two ways (L74).
    for (const odd of ['', 'x'.repeat(73), 'x'.repeat(300), 'x'.repeat(1_000_000), 'a\0b', '\ud800', 'cafe\u0301 \ufb01ne']) {
      const nothing = await during(() => counting.verifyNothing(odd))
      for (const stored of [old, own])
        assert.deepEqual(await during(() => counting.verify(odd, stored)), nothing, `${odd.length}`)
    }
    const around = (await counting.wrap(old))!
    assert.deepEqual(await during(() => counting.verify('wrong', around)), expected)
  })
})
