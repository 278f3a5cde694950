import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isBusy, isCallersFault, isUniqueViolation, StoreError } from './errors.ts'

describe('the errors of the store', () => {
  it('finds a unique violation behind its causes, and ends at a cause that is itself', () => {
    const deep = new Error('outer', { cause: new Error('inner', { cause: { code: '23505' } }) })
    assert.equal(isUniqueViolation(deep), true)
    const round: { cause?: unknown } = {}
    round.cause = round
    assert.equal(isUniqueViolation(round), false)
  })

  it('takes nothing else for one', () => {
    for (const other of [
      undefined,
      null,
      'x',
      new Error('x'),
      { code: '23503' },
      { code: 'ERR_SQLITE_ERROR', errcode: 787 },
      { errcode: 2067 },
    ]) {
      assert.equal(isUniqueViolation(other), false)
    }
  })

  it('knows every kind of busy', () => {
    for (const errcode of [5, 6, 261, 262, 517]) assert.equal(isBusy({ code: 'ERR_SQLITE_ERROR', errcode }), true)
    for (const error of [{ code: 'ERR_SQLITE_ERROR', errcode: 19 }, { errcode: 5 }, new Error('x')])
      assert.equal(isBusy(error), false)
  })

  it('tells the mistake of a caller from a store that fails', () => {
    assert.deepEqual(
      [
        new RangeError('x'),
        new TypeError('x'),
        new StoreError('store-misuse', 'x'),
        new StoreError('store-busy', 'x'),
        new Error('x'),
      ].map(isCallersFault),
      [true, true, true, false, false],
    )
  })
})
