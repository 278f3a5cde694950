/** A short version of what `npm run bench audit-killed` does two hundred times, on PostgreSQL, too. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { killOnce } from './support/audit-killed.ts'

const data = mkdtempSync(join(tmpdir(), 'holdfast-killed-'))
after(() => rmSync(data, { recursive: true }))

it('a process that is killed loses no act that it acknowledged, and the log holds', { timeout: 120_000 }, async () => {
  for (const wait of [5, 120, 333, 600]) {
    const { acknowledged, lost, breaks } = await killOnce(data, wait)
    assert.ok(acknowledged > 0)
    assert.deepEqual([lost, breaks], [0, []])
  }
})
