import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGate } from './gate.ts'

describe('the gate', () => {
  it('runs work in the very call while nobody holds it', () => {
    const gate = createGate(1000)
    let ran = false
    void gate.whenFree(() => (ran = true))
    assert.equal(ran, true)
  })

  it('lets those who wait in, in their order, one holder at a time', async () => {
    const gate = createGate(1000)
    const order: string[] = []
    const first = await gate.enter()
    const waiting = [
      gate.whenFree(() => order.push('work')),
      gate.enter().then((leave) => {
        order.push('second holder')
        leave()
        leave()
      }),
      gate.whenFree(() => order.push('later work')),
    ]
    assert.equal(gate.held, true)
    first()
    await Promise.all(waiting)
    assert.deepEqual(order, ['work', 'second holder', 'later work'])
    assert.equal(gate.held, false)
  })

  it('passes an error of the work on and stays usable', async () => {
    const gate = createGate(1000)
    const leave = await gate.enter()
    const failing = gate.whenFree(() => {
      throw new Error('from the work')
    })
    const next = gate.whenFree(() => 'next')
    leave()
    await assert.rejects(failing, /from the work/)
    assert.equal(await next, 'next')
  })

  it('refuses who waited too long and forgets them', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const gate = createGate(1000)
    const leave = await gate.enter()
    let ran = false
    const late = gate.whenFree(() => (ran = true))
    context.mock.timers.tick(1000)
    await assert.rejects(late, { code: 'store-busy', message: /1000 ms/ })
    leave()
    assert.equal(ran, false)
  })
})
