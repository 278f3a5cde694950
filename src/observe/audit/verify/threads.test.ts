/** A long log is verified in threads: with the same words as by one, and in the order of its pages. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { sqlite } from '../../../store/sqlite.ts'
import { fixture, type Fixture } from '../fixture.contract.ts'
import { readLines } from '../read-all.ts'
import { readTexts } from '../units.ts'
import { verifyDatabase } from './database.ts'
import { verifyFiles } from './lines.ts'
import type { Page } from './runs.ts'
import { createThreads } from './threads.ts'
import type { Verdict } from './verifier.ts'

const EVENTS = 9000
const root = mkdtempSync(join(tmpdir(), 'holdfast-threads-'))
after(() => rmSync(root, { recursive: true }))

describe('verifying in threads', () => {
  let log: Fixture
  let lines: readonly string[]
  let chain: number

  before(async () => {
    log = await fixture(sqlite(), { every: 1000 })
    await log.write(EVENTS)
    await log.audit.stop()
    lines = (await Array.fromAsync(readLines(log.database))).flat()
    const { kysely } = log.database
    chain = (
      await kysely
        .selectFrom('hf_audit')
        .select('chain')
        .where('seq', '=', EVENTS - 1)
        .executeTakeFirstOrThrow()
    ).chain
  })

  /** By this many threads, from the first page on. */
  async function bothWays(count: number, changed = lines): Promise<readonly Verdict[]> {
    const path = join(root, 'log.jsonl')
    writeFileSync(path, `${changed.join('\n')}\n`)
    return [
      await verifyDatabase(log.database, log.verifiers, { threads: createThreads(count, 0) }),
      await verifyFiles(path, log.verifiers, { threads: createThreads(count, 0) }),
    ]
  }

  const set = (seq: number, values: Readonly<Record<string, unknown>>) =>
    log.database.kysely.updateTable('hf_audit').set(values).where('chain', '=', chain).where('seq', '=', seq).execute()

  it('says that it holds, and how much of it', async () => {
    for (const verdict of await bothWays(2)) {
      assert.deepEqual(verdict.breaks, [])
      const whole = verdict.chains.find(({ events }) => events >= EVENTS)
      assert.equal(whole?.signed, whole?.events)
    }
  })

  it('names the same first position as without threads, at the edges of pages and within them', async () => {
    for (const seq of [0, 1999, 2000, 5555, EVENTS - 1]) {
      const { level } = await log.database.kysely
        .selectFrom('hf_audit')
        .select('level')
        .where('chain', '=', chain)
        .where('seq', '=', seq)
        .executeTakeFirstOrThrow()
      await set(seq, { level: 'debug' })
      const index = lines.findIndex((line) => line.includes(`"seq":${seq},`) && line.includes('authn_login_fail'))
      const changed = lines.with(index, lines[index]!.replace(`"level":"${level}"`, '"level":"debug"'))
      const [threaded, alone] = [await bothWays(2, changed), await bothWays(0, changed)]
      await set(seq, { level })
      assert.deepEqual(threaded, alone)
      assert.deepEqual(
        threaded.map(({ breaks }) => breaks[0]?.seq),
        [seq, seq],
      )
    }
  })

  it('sees lines that were taken out, put in or that changed places', async () => {
    const at = lines.findIndex((line) => line.includes('"seq":4321,'))
    for (const changed of [
      lines.toSpliced(at, 1),
      lines.toSpliced(at, 0, lines[at]!),
      lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!),
      lines.toSpliced(at, 0, '{"chain":"x"}'),
      lines.toSpliced(at, 0, 'no line of it'),
    ]) {
      const [[, threaded], [, alone]] = [await bothWays(3, changed), await bothWays(0, changed)]
      assert.equal(threaded?.ok, false)
      assert.deepEqual(threaded, alone)
    }
  })

  it('gives pages in their order, whoever was at them', async () => {
    const threads = createThreads(2, 1)
    const seen: number[] = []
    for await (const [, { runs, count }] of threads.each(readTexts(log.database, chain, 0))) {
      seen.push(runs[0]!.first)
      assert.equal(runs[0]!.count, count)
    }
    await threads.close()
    assert.deepEqual(seen, [0, 2000, 4000, 6000, 8000])
  })

  it('rejects when a thread ends, instead of waiting for it', { timeout: 20_000 }, async () => {
    const threads = createThreads(1, 0)
    async function* pages(): AsyncGenerator<Page> {
      yield { kind: 'lines', text: null as never }
    }
    await assert.rejects(Array.fromAsync(threads.each(pages())), /null/)
    await threads.close()
  })
})
