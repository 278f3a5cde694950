/** The log as lines: segments on disk and exports are verified by the public key alone, and say which line does not hold. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sqlite } from '../../store/sqlite.ts'
import { fixture } from './fixture.contract.ts'
import { readLines } from './read-all.ts'
import { redact } from './redact.ts'
import { createRetention } from './retain.ts'
import { verifyFiles } from './verify/lines.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-lines-'))
after(() => rmSync(root, { recursive: true }))
let folders = 0

/** An export of a log with a redacted event and a tombstone. */
async function exported() {
  const made = await fixture(sqlite())
  const { write, clock, log, database, emit, bus, keys, audit } = made
  await write(20)
  clock.now += 400 * 86_400_000
  await write(30)
  await redact(database, emit, {
    event: (await log.search({ user: 'ada' })).events[3]!.id,
    parts: ['who'],
    reason: 'asked',
    actor: 'test',
  })
  await createRetention({ database, bus, keys, host: 'app.example', now: () => clock.now, actor: 'test' }).prune({
    security: 86_400_000,
  })
  await audit.stop()
  const lines: string[] = []
  for await (const page of readLines(database)) lines.push(...page)
  const path = join(root, `${folders++}.jsonl`)
  async function verify(changed: readonly string[]) {
    writeFileSync(path, `${changed.join('\n')}\n`)
    return await verifyFiles(path, made.verifiers)
  }
  return { lines, verify }
}

describe('a log as lines', () => {
  it('holds', async () => {
    const { lines, verify } = await exported()
    const verdict = await verify(lines)
    assert.deepEqual(verdict.breaks, [])
    assert.ok(verdict.chains.some(({ removed, redacted }) => removed === 20 && redacted === 1))
  })

  it('does not hold where nothing is left of it', async () => {
    const { verify } = await exported()
    for (const changed of [[], ['', '']]) {
      const { ok, breaks } = await verify(changed)
      assert.deepEqual([ok, breaks.map(({ what }) => what)], [false, ['Nothing of a log stands there.']])
    }
  })

  it('names the line in which one bit was flipped, of any event', async () => {
    const { lines, verify } = await exported()
    for (const [index, line] of lines.entries()) {
      if (!line.includes('"hash"') || line.includes('tombstone')) continue
      for (const place of [line.indexOf('"type":"') + 8, line.indexOf('"hash":"') + 10, line.indexOf('"proof":{"w') + 17]) {
        const changed = line.slice(0, place) + String.fromCharCode(line.charCodeAt(place) ^ 1) + line.slice(place + 1)
        const { breaks } = await verify(lines.with(index, changed))
        assert.equal(breaks[0]?.line, index + 1, changed.slice(Math.max(0, place - 20), place + 20))
      }
    }
  })

  it('shows every bit of an event that was flipped, whether its line needs parsing or not', async () => {
    const { emit, log, audit, database, verifiers } = await fixture(sqlite())
    emit({ type: 'authn_login_fail', data: { userId: 'ada', login: 'ada@example.com' } })
    emit({ type: 'authn_login_fail', data: { userId: 'bob', login: 'a "quoted" name', 10: 'ten', 9: 'nine' } })
    await log.flush()
    await audit.stop()
    const lines = (await Array.fromAsync(readLines(database))).flat()
    const path = join(root, 'flipped.jsonl')
    const verdictOf = async (changed: readonly string[]) => {
      writeFileSync(path, `${changed.join('\n')}\n`)
      return await verifyFiles(path, verifiers)
    }
    assert.deepEqual((await verdictOf(lines)).breaks, [])
    for (const [index, line] of lines.entries()) {
      if (!line.includes('authn_login_fail')) continue
      for (let place = 0; place < line.length; place++) {
        const flipped = String.fromCharCode(line.charCodeAt(place) ^ (1 << (place % 7)))
        const changed = line.slice(0, place) + flipped + line.slice(place + 1)
        assert.equal((await verdictOf(lines.with(index, changed))).ok, false, changed)
      }
    }
  })

  it('holds what was typed in any script, with line breaks that only some programs know', async () => {
    const { emit, log, audit, database, verifiers } = await fixture(sqlite())
    for (const login of ['a\u2028b', 'a\u2029b', 'a\u0085b', 'a\r\nb', 'Ω 漢字 🙂', '\ud800'])
      emit({ type: 'authn_login_fail', data: { userId: 'ada', login } })
    await log.flush()
    await audit.stop()
    const path = join(root, 'typed.jsonl')
    const lines = (await Array.fromAsync(readLines(database))).flat()
    for (const end of ['\n', '\r\n']) {
      writeFileSync(path, lines.map((line) => line + end).join(''))
      const { breaks, chains } = await verifyFiles(path, verifiers)
      assert.deepEqual(breaks, [])
      assert.equal(chains.find(({ chain }) => chain.endsWith('/security'))!.events, 6)
    }
  })

  it('names a line that was removed, doubled or put elsewhere', async () => {
    const { lines, verify } = await exported()
    const events = lines.flatMap((line, index) =>
      line.includes('/security"') && line.includes('"hash"') && !line.includes('tombstone') ? [index] : [],
    )
    const [at, next] = [events[5]!, events[6]!]
    assert.equal((await verify(lines.toSpliced(at, 1))).breaks[0]?.line, at + 1)
    assert.equal((await verify(lines.toSpliced(at, 0, lines[at]!))).breaks[0]?.line, at + 2)
    assert.equal((await verify(lines.with(at, lines[next]!).with(next, lines[at]!))).breaks[0]?.line, at + 1)
    assert.match(
      (await verify(lines.filter((_, index) => !events.slice(-3).includes(index)))).breaks[0]!.what,
      /The end is missing/,
    )
    assert.match((await verify([...lines, 'no line of ours'])).breaks[0]!.what, /none of the log/)
  })

  it('is written to another disk as well, in segments', async () => {
    const folder = join(root, 'segments')
    const { write, log, audit, verifiers } = await fixture(sqlite(), { folder })
    await write(25)
    await audit.stop()
    const verdict = await verifyFiles(folder, verifiers)
    assert.deepEqual(verdict.breaks, [])
    assert.equal(
      verdict.chains.reduce((sum, { events }) => sum + events, 0),
      log.status().written,
    )
    const [name] = readdirSync(folder).filter((file) => file.includes('security'))
    const path = join(folder, name!)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"index":7', '"index":8'))
    assert.equal((await verifyFiles(folder, verifiers)).breaks[0]?.seq, 7)
  })
})
