import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { startApp } from '../../test/support/app.ts'
import { freePort } from '../../test/support/ports.ts'
import { startSyslog } from '../../test/support/syslog-server.ts'
import type { SecurityEvent } from '../engine/events.ts'
import { readLogs, type LogTarget } from './logging.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-logging-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the option log', () => {
  it('takes several places at once, and what one loses the others have', async () => {
    const server = await startSyslog('tcp')
    const heard: SecurityEvent[] = []
    const file = join(folder, 'log')
    const facts: object[] = []
    const note = (given: object) => void facts.push(given)
    const broken = () => {
      throw new Error('This logger is broken.')
    }
    const log: LogTarget[] = [
      (event) => void heard.push(event),
      { info: broken, warn: broken, error: broken },
      { info: note, warn: note, error: note },
      { file, rotate: { size: 65_536, keep: 2 } },
      { syslog: { to: `tcp://127.0.0.1:${server.port}` } },
    ]
    {
      await using app = await startApp({ options: { log } })
      await app.fetch('/%61dmin')
      const metrics = (await app.fetch('/metrics')).text
      assert.match(metrics, /^holdfast_log_lines_lost_total\{sink="logger"\} [1-9]\d*$/m)
      assert.match(metrics, /^holdfast_log_lines_lost_total\{sink="file"\} 0$/m)
      await server.received(heard.length)
    }
    const types = heard.map(({ type }) => type)
    for (const type of ['sys_startup', 'malicious_target', 'sys_shutdown', 'sys_log_lost'])
      assert.ok(types.includes(type as never), type)
    assert.deepEqual(
      heard.filter(({ type }) => type === 'sys_log_lost').map(({ data }) => data),
      [{ sink: 'logger', error: 'This logger is broken.' }],
    )
    const written = readFileSync(file, 'utf8').trimEnd().split('\n')
    assert.deepEqual(written.map((line) => (JSON.parse(line) as SecurityEvent).type).toSorted(), types.toSorted())
    assert.deepEqual(facts.map((given) => (given as SecurityEvent).type).toSorted(), types.toSorted())
    await server.received(types.length)
    assert.deepEqual(server.messages.map(({ id }) => id).toSorted(), types.map((type) => type.slice(0, 32)).toSorted())
    await server.close()
  })

  it('lets requests be answered while a server of syslog is away, and loses nothing to others', async () => {
    const heard: SecurityEvent[] = []
    const to = `tcp://127.0.0.1:${await freePort()}`
    await using app = await startApp({ options: { log: [(event) => void heard.push(event), { syslog: { to } }] } })
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await app.fetch('/%61dmin')).status))
    assert.deepEqual([...new Set(statuses)], [400])
    assert.equal(heard.filter(({ type }) => type === 'malicious_target').length, 50)
  })

  it('nowhere is nowhere, and standard output where nothing is said', () => {
    assert.deepEqual(readLogs('silent', 0), [])
    assert.deepEqual(readLogs(undefined, 0), [{ kind: 'stdout' }])
    assert.deepEqual(readLogs({ file: '/x', rotate: {} }, 0), [
      { kind: 'file', path: '/x', rotate: { size: 10_485_760, keep: 10 } },
    ])
  })

  for (const [log, why] of [
    [7, /log is 7/],
    [[], /an empty list/],
    [['silent', 'stdout'], /silent and something else/],
    ['  ', /log\.file/],
    [{}, /log is of type object/],
    [{ info() {}, warn() {} }, /log is of type object/],
    [{ file: '/x', rotat: {} }, /log\.rotat is not an option.*"rotate"/s],
    [{ file: '/x', rotate: { size: 10 } }, /log\.rotate\.size is 10/],
    [{ file: '/x', rotate: { keep: 0 } }, /log\.rotate\.keep is 0/],
    [{ syslog: { to: 'udp://logs.example' } }, /without TLS/],
    [{ syslog: { to: 'tls://logs.example' }, file: '/x' }, /log\.file is not an option/],
  ] as const) {
    it(`does not start with what cannot be meant: ${why.source}`, () => assert.throws(() => readLogs(log as never, 0), why))
  }
})
