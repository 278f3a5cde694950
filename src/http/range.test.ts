import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readRange } from './range.ts'

describe('readRange', () => {
  it('gives the part that is asked for, cut to what is there', () => {
    assert.deepEqual(readRange('bytes=0-3', 10), { start: 0, end: 3 })
    assert.deepEqual(readRange('bytes=7-', 10), { start: 7, end: 9 })
    assert.deepEqual(readRange('bytes=-4', 10), { start: 6, end: 9 })
    assert.deepEqual(readRange('bytes=-40', 10), { start: 0, end: 9 })
    assert.deepEqual(readRange('bytes=0-999999999999999', 10), { start: 0, end: 9 })
  })

  it('says when nothing of it is there', () => {
    for (const field of ['bytes=10-', 'bytes=99-100', 'bytes=-0']) assert.equal(readRange(field, 10), 'unsatisfiable', field)
    assert.equal(readRange('bytes=0-', 0), 'unsatisfiable')
    assert.equal(readRange('bytes=-1', 0), 'unsatisfiable')
  })

  it('gives the whole for several parts, and for what it cannot read', () => {
    for (const field of [
      undefined,
      '',
      'bytes=',
      'bytes=-',
      'bytes=4-2',
      'bytes=0-1,2-3',
      'lines=0-1',
      'bytes=a-b',
      'bytes=0x1-2',
    ])
      assert.equal(readRange(field, 10), 'whole', field)
  })
})
