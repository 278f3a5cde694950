import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { eventWith, HOSTILE, UNSAFE } from '../../../test/support/hostile-text.ts'
import { line } from './line.ts'

describe('a line of the log', () => {
  it('is one object of JSON, who and where first', () => {
    assert.equal(
      line({ ...eventWith({ count: 3 }), requestId: 'r', client: '192.0.2.1', method: 'POST', path: '/login' }),
      '{"time":"2026-01-02T00:00:00.000Z","level":"warn","type":"authn_login_fail","control":"accounts","requestId":"r","client":"192.0.2.1","method":"POST","path":"/login","data":{"count":3}}',
    )
  })

  it('lets nothing that a client sent begin a line of its own, move the cursor or turn the text around', () => {
    const text = line({ ...eventWith({ name: HOSTILE, [HOSTILE]: 1, list: [HOSTILE] as never }), path: HOSTILE })
    assert.doesNotMatch(text, UNSAFE)
    const read = JSON.parse(text) as { path: string; data: { name: string } }
    assert.deepEqual([read.path, read.data.name], [HOSTILE, HOSTILE])
  })

  it('is cut where it is endless: one text, or many', () => {
    assert.ok(line(eventWith({ name: 'x'.repeat(100_000) })).length < 1000)
    const many = Array.from({ length: 10_000 }, (_, n) => `session-${n}`)
    const cut = line(eventWith({ sessions: many }))
    assert.ok(cut.length < 1000)
    assert.ok((JSON.parse(cut) as { data: { cut: number } }).data.cut > 100_000)
  })

  it('never prints a secret, even one that was handed to it', () => {
    assert.doesNotMatch(line(eventWith({ oops: new Secret('walrus') as never })), /walrus/)
  })
})
