import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { it } from 'node:test'
import { isSolution } from './proof-of-work.ts'

/** Leading zero bits, the slow way. */
function zeros(text: string): number {
  const bits = [...hash('sha256', text, 'buffer')].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.indexOf('1')
}

it('takes exactly what begins with so many zero bits', () => {
  for (let n = 0; n < 2000; n++) {
    const text = n.toString(36)
    const there = zeros(`c.${text}`)
    assert.equal(isSolution('c', text, there), true)
    assert.equal(isSolution('c', text, there + 1), false)
  }
})

it('takes no solution that is empty, long, or anything but lower-case letters and digits', () => {
  for (const odd of ['', ' ', 'A', 'a.b', 'ä', '0'.repeat(17), '0\n']) assert.equal(isSolution('c', odd, 0), false, odd)
})
