import assert from 'node:assert/strict'
import { it } from 'node:test'
import { problemJson } from './problem.ts'

it('fills in type and title, and leaves out what is not given', () => {
  assert.deepEqual(JSON.parse(problemJson({ status: 429, code: 'rate-limited' })), {
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    code: 'rate-limited',
  })
})

it('carries details and extensions, which cannot replace the standard members', () => {
  const text = problemJson({
    status: 422,
    code: 'invalid',
    title: 'T',
    detail: 'D',
    instance: 'urn:x',
    errors: ['e'],
    type: 'javascript:1',
  })
  assert.deepEqual(JSON.parse(text), {
    type: 'about:blank',
    title: 'T',
    status: 422,
    code: 'invalid',
    detail: 'D',
    instance: 'urn:x',
    errors: ['e'],
  })
})

it('names a status that has no phrase, and throws for one that is no error', () => {
  assert.equal((JSON.parse(problemJson({ status: 499, code: 'x' })) as { title: string }).title, 'Error')
  for (const status of [400, 599]) assert.ok(problemJson({ status, code: 'x' }).includes(`"status":${status}`))
  for (const status of [200, 302, 399, 600, 404.5, Number.NaN])
    assert.throws(() => problemJson({ status, code: 'x' }), RangeError)
})
