/** The bar. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { progressBar } from './progress.ts'

describe('a bar of progress', () => {
  it('is as long at the beginning as at the end, and full only then', () => {
    assert.equal(progressBar(0, '0 users'), '[························]   0 %  0 users')
    assert.equal(progressBar(0.5, '500 users'), '[############············]  50 %  500 users')
    assert.equal(progressBar(0.9999, '9999 users'), '[#######################·]  99 %  9999 users')
    assert.equal(progressBar(1, 'all'), '[########################] 100 %  all')
  })

  it('stays within itself when a source grows while it is read', () => {
    assert.equal(progressBar(1.2, 'all'), progressBar(1, 'all'))
    assert.equal(progressBar(-1, 'none'), progressBar(0, 'none'))
  })
})
