import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createDeadlines } from './deadlines.ts'

it('calls what is late, once, never early, and not what ended before', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const called: string[] = []
  const deadlines = createDeadlines(1000)
  deadlines.start(() => void called.push('first'))
  const end = deadlines.start(() => void called.push('ended'))
  t.mock.timers.tick(500)
  deadlines.start(() => void called.push('later'))
  end()
  t.mock.timers.tick(500)
  assert.equal(called.length, 0)
  t.mock.timers.tick(100)
  assert.deepEqual(called, ['first'])
  t.mock.timers.tick(500)
  assert.deepEqual(called, ['first', 'later'])
  deadlines.start(() => void called.push('again'))
  t.mock.timers.tick(5000)
  assert.deepEqual(called, ['first', 'later', 'again'])
})
