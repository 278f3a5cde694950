import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createReadiness, type ReadinessCheck } from './readiness.ts'

function open(checks: readonly ReadinessCheck[]) {
  const clock = { now: 1_000_000 }
  const changes: (readonly [boolean, readonly string[]])[] = []
  const faults: unknown[] = []
  const readiness = createReadiness({
    checks,
    now: () => clock.now,
    onChange: (ready, failed) => void changes.push([ready, failed]),
    onFault: (error) => void faults.push(error),
  })
  return { readiness, clock, changes, faults }
}

describe('readiness', () => {
  it('is looked at once a second, however many ask at once', async () => {
    let looked = 0
    const { readiness, clock } = open([{ name: 'a', check: () => Promise.resolve(looked++) }])
    await Promise.all(Array.from({ length: 500 }, () => readiness.ask()))
    for (let n = 0; n < 500; n++) await readiness.ask()
    assert.equal(looked, 1)
    clock.now += 1000
    await readiness.ask()
    clock.now -= 1_000_000
    await readiness.ask()
    assert.equal(looked, 3)
  })

  it('goes on without what it can do without, and says so', async () => {
    const { readiness, changes } = open([
      { name: 'database', check: () => Promise.resolve() },
      { name: 'limits', check: () => Promise.reject(new Error('no')), optional: true },
    ])
    assert.deepEqual(await readiness.ask(), { ready: true, draining: false, checks: { database: 'ok', limits: 'failed' } })
    assert.deepEqual(changes, [])
  })

  it('does not wait for a check that never ends', { timeout: 5000 }, async () => {
    const { readiness, changes, faults } = open([{ name: 'database', check: () => new Promise(() => {}) }])
    assert.equal((await readiness.ask()).ready, false)
    assert.deepEqual(changes, [[false, ['database']]])
    assert.match(String(faults[0]), /did not answer/)
  })

  it('reports a fault once, not at each question', async () => {
    const { readiness, clock, faults } = open([{ name: 'a', check: () => Promise.reject(new Error('no')) }])
    for (let n = 0; n < 5; n++) {
      await readiness.ask()
      clock.now += 1000
    }
    assert.equal(faults.length, 1)
  })

  it('is over for good when the process drains', async () => {
    const { readiness } = open([])
    assert.equal((await readiness.ask()).ready, true)
    readiness.drain()
    assert.deepEqual(await readiness.ask(), { ready: false, draining: true, checks: {} })
  })
})
