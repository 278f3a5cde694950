import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryStore } from '../../store/memory.ts'
import { DEFAULT_LIMITS } from '../throttle/throttle.ts'
import type { Origin } from '../types.ts'
import { createKeyThrottle } from './key-throttle.ts'

const from = (network: string, site?: string): Origin => ({ address: network, network, site, userAgent: '' })
const start = () => createKeyThrottle({ once: memoryStore(), limits: DEFAULT_LIMITS })

describe('the throttle of API keys', () => {
  it('knows a suspect for as long as its failures count', async () => {
    const throttle = start()
    assert.equal(throttle.suspects(from('a'), 'h', 0), false)
    await throttle.take(from('a'), 0)
    assert.equal(throttle.suspects(from('a'), 'h', DEFAULT_LIMITS.network.period - 1), true)
    assert.equal(throttle.suspects(from('b'), 'h', 0), false)
    assert.equal(throttle.suspects(from('a'), 'h', DEFAULT_LIMITS.network.period), false)
  })

  it('lets a key pass that was right a quarter of an hour ago or less', async () => {
    const throttle = start()
    throttle.remember('right', 0)
    await throttle.take(from('a'), 0)
    assert.equal(throttle.suspects(from('a'), 'right', 1), false)
    assert.equal(throttle.suspects(from('a'), 'other', 1), true)
    await throttle.take(from('a'), 900_000)
    assert.equal(throttle.suspects(from('a'), 'right', 900_000), true)
  })

  it('counts the many networks of one site together', async () => {
    const throttle = start()
    const answers = []
    for (let network = 0; network < 101; network++) answers.push((await throttle.take(from(`n${network}`, 'site'), 0)).ok)
    assert.deepEqual([answers.indexOf(false), answers.length], [100, 101])
    // What the site refused was not taken from the network.
    assert.equal((await throttle.take(from('n100'), 0)).ok, true)
  })

  it('is bounded: with too many suspects everybody is one, until they are forgotten', async () => {
    const throttle = start()
    for (let network = 0; network < 10_000; network++) await throttle.take(from(`n${network}`), 0)
    assert.equal(throttle.suspects(from('new'), 'h', 1), true)
    const later = DEFAULT_LIMITS.network.period
    await throttle.take(from('other'), later)
    assert.equal(throttle.suspects(from('new'), 'h', later), false)
    assert.equal(throttle.suspects(from('other'), 'h', later), true)
  })
})
