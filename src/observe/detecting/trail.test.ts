/** What an incident is shown of a bucket: the last of a key, that one key cannot push out the others, and no request as a whole. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { createCounts } from './counts.ts'
import { createDigest } from './digest.ts'
import { answer } from './replay.ts'
import { routeOf, type AnswerSignal } from './signal.ts'

function open(holds: number) {
  const shown: string[][] = []
  const counts = createCounts({ digest: createDigest(randomBytes(8)), share: undefined })
  const bucket = counts.bucket<AnswerSignal>('test', {
    ...{ holds, leak: 60_000, target: routeOf },
    overflow: ({ targets }) => shown.push(targets().map(({ value }) => value)),
  })
  return { bucket, shown, pour: (key: string, path: string) => bucket.pour(key, answer({ target: path })) }
}

describe('what a bucket was filled with', () => {
  it('is told with what overflowed it, each once, the newest last', () => {
    const { pour, shown } = open(4)
    for (const path of ['/a', '/b', '/a', '/c', '/d']) pour('one', path)
    assert.deepEqual(shown, [['/b', '/a', '/c', '/d']])
  })

  it('is sixteen at most, and of its own key alone', () => {
    const { pour, shown } = open(30)
    for (let index = 0; index < 30; index++) for (const key of ['one', 'other']) pour(key, `/${key}/${index}`)
    pour('one', '/last')
    assert.equal(shown[0]!.length, 16)
    assert.deepEqual(shown[0]!.slice(-2), ['/one/29', '/last'])
    assert.ok(shown[0]!.every((path) => !path.startsWith('/other')))
  })

  it('stays while another key floods', () => {
    const { pour, shown } = open(3)
    for (const path of ['/a', '/b', '/c']) pour('quiet', path)
    for (let index = 0; index < 10_000; index++) pour('loud', `/${index}`)
    pour('quiet', '/d')
    assert.deepEqual(shown.at(-1), ['/a', '/b', '/c', '/d'])
  })

  it('holds on to no long request', () => {
    const long = routeOf(answer({ target: `/${'x'.repeat(5000)}?${'y'.repeat(5000)}` }))
    assert.equal(long!.value.length, 200)
    assert.equal(routeOf(answer({ target: '/short?query' }))!.value, '/short')
  })
})
