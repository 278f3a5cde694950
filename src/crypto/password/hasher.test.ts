import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../keyring.ts'
import { Secret } from '../secret.ts'
import type { Work } from './algorithm.ts'
import type { Argon2Engine } from './argon2-engine.ts'
import { createHasher, defaultConcurrency, HasherBusy, type HasherOptions } from './hasher.ts'

const cheap = { memory: 64, passes: 1, parallelism: 1 }
const password = 'the kettle sings at noon'
const hasher = (options: HasherOptions = {}) => createHasher({ insecureParameters: cheap, ...options })

const settle = () => new Promise((resolve) => setImmediate(resolve))

/** An engine whose computations end when the test says so. */
function held() {
  const ends: (() => void)[] = []
  const state = { running: 0, most: 0 }
  const engine: Argon2Engine = ({ length }) => {
    state.most = Math.max(state.most, ++state.running)
    return new Promise((resolve) =>
      ends.push(() => {
        state.running -= 1
        resolve(new Uint8Array(length))
      }),
    )
  }
  return { engine, state, endOne: () => ends.shift()?.(), begun: () => ends.length }
}

describe('createHasher', () => {
  it('verifies the password it hashed, also from a Secret, and no other', async () => {
    const { hash, verify } = hasher()
    const stored = await hash(new Secret(password))
    assert.match(stored, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.deepEqual(await verify(password, stored), { ok: true, rehash: false })
    assert.deepEqual(await verify(`${password} `, stored), { ok: false, rehash: false })
    assert.notEqual(await hash(password), stored)
  })

  it('hashes by default as OWASP says', async () => {
    const work: Work[] = []
    const stored = await createHasher({ onWork: (done) => work.push(done) }).hash(password)
    assert.ok(stored.startsWith('$argon2id$v=19$m=19456,t=2,p=1$'))
    assert.deepEqual(work, [{ algorithm: 'argon2id', memory: 19456, passes: 2, parallelism: 1 }])
  })

  it('takes one spelling of a password for another that looks the same', async () => {
    const { hash, verify } = hasher()
    assert.equal((await verify('un cafe\u0301 cre\u0300me', await hash('un caf\u00e9 cr\u00e8me'))).ok, true)
  })

  it('does the same work for a right and a wrong password, no account, and an unreadable hash', async () => {
    const work: Work[] = []
    const warnings: string[] = []
    const { hash, verify, verifyNothing } = hasher({ onWork: (done) => work.push(done), warn: (text) => warnings.push(text) })
    const stored = await hash(password)
    const during = async (act: () => Promise<unknown>) => {
      work.length = 0
      await act()
      return [...work]
    }
    const right = await during(() => verify(password, stored))
    assert.equal(right.length, 1)
    for (const act of [
      () => verify('wrong', stored),
      () => verifyNothing('wrong'),
      () => verify('wrong', 'x'),
      () => verify('', stored),
      () => verifyNothing(''),
    ])
      assert.deepEqual(await during(act), right)
    const tooLong = 'x1'.repeat(200)
    assert.deepEqual(await during(() => verify(tooLong, stored)), [])
    assert.deepEqual(await during(() => verifyNothing(tooLong)), [])
    assert.ok(warnings.some((text) => text.includes('was refused')))
    assert.ok(!warnings.join().includes(stored))
  })

  it('refuses to hash what no user could sign in with', async () => {
    for (const text of ['', '\ud800', 'x1'.repeat(200)]) await assert.rejects(hasher().hash(text), RangeError)
  })

  it('asks for a new hash when parameters changed, in either direction, and only if the password is right', async () => {
    const stored = await hasher().hash(password)
    for (const memory of [32, 128]) {
      const { verify } = hasher({ insecureParameters: { ...cheap, memory } })
      assert.deepEqual(await verify(password, stored), { ok: true, rehash: true })
      assert.deepEqual(await verify('wrong', stored), { ok: false, rehash: false })
    }
  })

  it('mixes in a pepper, which rotates, and without which nothing verifies', async () => {
    const [one, two] = [generateKey('one'), generateKey('two')]
    const peppered = hasher({ pepper: parseKeyring(one) })
    const stored = await peppered.hash(password)
    assert.match(stored, /,keyid=b25l\$/)
    assert.deepEqual(await peppered.verify(password, stored), { ok: true, rehash: false })
    assert.deepEqual(await hasher({ pepper: parseKeyring(`${two},${one}`) }).verify(password, stored), { ok: true, rehash: true })
    for (const pepper of [parseKeyring(two), parseKeyring(generateKey('one'))])
      assert.deepEqual(await hasher({ pepper }).verify(password, stored), { ok: false, rehash: false })
    assert.deepEqual(await hasher().verify(password, stored), { ok: false, rehash: false })
    assert.deepEqual(await peppered.verify(password, await hasher().hash(password)), { ok: true, rehash: true })
    assert.throws(() => hasher({ pepper: { current: 'gone', subkey: () => undefined } }), /pepper/)
  })

  it('refuses weak or boundless settings at the start', () => {
    for (const parameters of [cheap, { memory: 19456, passes: 1, parallelism: 1 }, { memory: 7168, passes: 4, parallelism: 1 }])
      assert.throws(() => createHasher({ parameters }), /weaker than OWASP/)
    for (const parameters of [
      { ...cheap, memory: 1e7 },
      { ...cheap, passes: 0 },
      { ...cheap, passes: 1.5 },
      { ...cheap, memory: Number.NaN },
    ])
      assert.throws(() => createHasher({ insecureParameters: parameters }), RangeError)
    for (const options of [{ concurrency: 0 }, { queue: -1 }, { maximumWait: Number.NaN }])
      assert.throws(() => createHasher(options), RangeError)
    assert.ok(createHasher({ parameters: { memory: 47104, passes: 1, parallelism: 1 } }))
  })

  it('leaves a core and half of the threads to the rest', () => {
    assert.deepEqual(
      [defaultConcurrency(1, 4), defaultConcurrency(2, 4), defaultConcurrency(8, 4), defaultConcurrency(8, 16)],
      [1, 1, 2, 7],
    )
  })
})

describe('a busy hasher', () => {
  it('computes a few at a time, in order, and refuses what the queue cannot hold', async () => {
    const { engine, state, endOne, begun } = held()
    const busy = hasher({ engine, concurrency: 2, queue: 3, now: () => 0 })
    const done: number[] = []
    const accepted = [0, 1, 2, 3, 4].map((index) => busy.verifyNothing(`password ${index}`).then(() => done.push(index)))
    await assert.rejects(busy.hash(password), (error) => error instanceof HasherBusy && error.retryAfter === 1)
    await assert.rejects(busy.verify(password, 'x'), HasherBusy)
    await settle()
    while (begun() > 0) {
      endOne()
      await settle()
    }
    await Promise.all(accepted)
    assert.deepEqual(done, [0, 1, 2, 3, 4])
    assert.equal(state.most, 2)
    const after = busy.verifyNothing(password)
    await settle()
    endOne()
    await after
  })

  it('tells those who waited too long, and does not do their work', async () => {
    let time = 0
    const { engine, endOne, begun } = held()
    const busy = hasher({ engine, concurrency: 1, queue: 2, maximumWait: 5000, now: () => time })
    const first = busy.verifyNothing('first')
    const second = busy.verifyNothing('second')
    time = 3000
    const third = busy.verifyNothing('third')
    time = 5001
    const refused = assert.rejects(second, HasherBusy)
    const fourth = busy.verifyNothing('fourth') // its arrival frees the place of the second
    await refused
    await settle()
    for (const work of [first, third, fourth]) {
      assert.equal(begun(), 1)
      endOne()
      await work
      await settle()
    }
    assert.equal(begun(), 0)
  })

  it('says how long it will take, and goes on after an engine that fails', async () => {
    let time = 0
    let fail = true
    const engine: Argon2Engine = async ({ length }) => {
      time += 40_000
      if (fail) throw new Error('out of memory')
      return new Uint8Array(length)
    }
    const busy = hasher({ engine, concurrency: 1, queue: 1, maximumWait: 1_000_000, now: () => time })
    await assert.rejects(busy.hash(password), /out of memory/)
    fail = false
    const waiting = [busy.hash(password), busy.hash(password)]
    await assert.rejects(
      busy.hash(password),
      (error) => error instanceof HasherBusy && error.retryAfter > 5 && error.retryAfter <= 60,
    )
    assert.equal((await Promise.all(waiting)).length, 2)
  })
})
