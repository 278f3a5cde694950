import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Secret } from '../crypto/secret.ts'
import type { SecurityEvent } from '../engine/events.ts'
import { createLog, fileSink, line } from './log.ts'

const event = (data: SecurityEvent['data']): SecurityEvent => ({
  type: 'authn_login_fail',
  level: 'warn',
  control: 'accounts',
  time: Date.UTC(2026, 0, 2),
  ...(data && { data }),
})

describe('the log', () => {
  it('writes one line of JSON an event, who and where first', () => {
    assert.equal(
      line({ ...event({ count: 3 }), requestId: 'r', client: '192.0.2.1', method: 'POST', path: '/login' }),
      '{"time":"2026-01-02T00:00:00.000Z","level":"warn","type":"authn_login_fail","control":"accounts","requestId":"r","client":"192.0.2.1","method":"POST","path":"/login","data":{"count":3}}',
    )
  })

  it('lets nothing that a client sent begin a line of its own, move the cursor or turn the text around', () => {
    const hostile = 'a\r\nb\u001b[2Jc\u0085d\u2028e\u202ef\u0000g\u200f'
    const text = line(event({ name: hostile }))
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028\u202e\u200f]/)
    assert.equal((JSON.parse(text) as { data: { name: string } }).data.name, hostile)
  })

  it('cuts what is endless', () => {
    assert.ok(line(event({ name: 'x'.repeat(100_000) })).length < 1000)
  })

  it('never prints a secret, even one that was handed to it', () => {
    const text = line(event({ oops: new Secret('walrus') as never }))
    assert.doesNotMatch(text, /walrus/)
  })

  it('appends to a file that its owner alone can read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-log-'))
    const path = join(folder, 'deep', 'log')
    for (const count of [1, 2]) {
      const sink = fileSink(path)
      createLog(sink)(event({ count }))
      sink.close()
    }
    assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 2)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    rmSync(folder, { recursive: true })
  })
})
