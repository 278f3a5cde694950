import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { eventWith, HOSTILE, UNSAFE } from '../../../test/support/hostile-text.ts'
import { freePort } from '../../../test/support/ports.ts'
import { parseMessage, startSyslog, type SyslogKind, type SyslogServer } from '../../../test/support/syslog-server.ts'
import type { Report } from '../../engine/events.ts'
import { localCertificate } from '../../tls/local.ts'
import { createSinkHealth } from './sink.ts'
import { syslogSink } from './syslog.ts'
import { syslogMessage } from './syslog-message.ts'
import { readSyslog, type SyslogOptions } from './syslog-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-syslog-'))
const opened: { close(): unknown }[] = []
after(async () => {
  // A test that failed must not keep the process.
  for (const one of opened) await one.close()
  rmSync(folder, { recursive: true, force: true })
})
const certificate = await localCertificate(folder)

function open(options: SyslogOptions) {
  const told: Report[] = []
  let hear: (report: Report) => void = () => {}
  const health = createSinkHealth('syslog', (report) => {
    told.push(report)
    hear(report)
  })
  const sink = syslogSink(readSyslog({ host: 'web-1', ...options }, Date.now()), health)
  opened.push(sink)
  const next = () => new Promise<Report>((resolve) => (hear = resolve))
  return { sink, told, next, write: (count: number, text = '') => sink.write(eventWith({ count, text })) }
}

const countsOf = ({ messages }: SyslogServer) =>
  messages.map(({ text }) => (JSON.parse(text) as { data: { count: number } }).data.count)
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

async function server(kind: SyslogKind): Promise<{ readonly server: SyslogServer; readonly options: SyslogOptions }> {
  const path = join(folder, 'log.sock')
  const own = await startSyslog(kind, kind === 'unix' ? { path } : { certificate })
  opened.push(own)
  if (kind === 'unix') return { server: own, options: { to: `unix:${path}` } }
  if (kind === 'tls') return { server: own, options: { to: `tls://localhost:${own.port}`, ca: certificate.ca } }
  return { server: own, options: { to: `${kind}://127.0.0.1:${own.port}` } }
}

for (const kind of ['udp', 'tcp', 'tls', 'unix'] as const) {
  describe(`the log at a syslog server: ${kind}`, { timeout: 20_000 }, () => {
    it('arrives as messages of RFC 5424, in order, each one whole', async () => {
      const { server: own, options } = await server(kind)
      const { sink, write, told } = open(options)
      for (const count of upTo(50)) write(count)
      await own.received(50)
      assert.deepEqual(countsOf(own), upTo(50))
      const { text, ...head } = own.messages[0]!
      assert.deepEqual(head, {
        priority: 10 * 8 + 4,
        time: '2026-01-02T00:00:00.000Z',
        host: 'web-1',
        app: 'holdfast',
        pid: String(process.pid),
        id: 'authn_login_fail',
      })
      assert.equal((JSON.parse(text) as { type: string }).type, 'authn_login_fail')
      await sink.close()
      await own.close()
      assert.deepEqual([told, own.problems], [[], []])
    })

    it('lets no client end a message or begin another', async () => {
      const { server: own, options } = await server(kind)
      const { sink } = open(options)
      sink.write({ ...eventWith({ name: HOSTILE, count: 1 }), path: HOSTILE, client: HOSTILE })
      sink.write(eventWith({ count: 2 }))
      await own.received(2)
      await sink.close()
      await own.close()
      assert.deepEqual(own.problems, [])
      assert.deepEqual(countsOf(own), [1, 2])
      assert.doesNotMatch(own.messages[0]!.text, UNSAFE)
      assert.equal((JSON.parse(own.messages[0]!.text) as { data: { name: string } }).data.name, HOSTILE)
    })
  })
}

describe('a syslog server that goes away', { timeout: 30_000 }, () => {
  it('is connected to again, and what came meanwhile arrives', async () => {
    const { server: own, options } = await server('tcp')
    const { sink, write, next, told } = open(options)
    write(0)
    await own.received(1)
    const lost = next()
    own.disconnect()
    assert.equal((await lost).type, 'sys_log_lost')
    for (const count of [1, 2, 3]) write(count)
    await own.received(4)
    assert.deepEqual(countsOf(own), [0, 1, 2, 3])
    if (told.length < 2) await next()
    assert.deepEqual(told[1], { type: 'sys_log_back', data: { sink: 'syslog', lost: 0 } })
    await sink.close()
    await own.close()
  })

  it('fills no memory: so many lines wait, the rest is counted, and nobody waits', async () => {
    const port = await freePort()
    const { sink, write, told } = open({ to: `tcp://127.0.0.1:${port}` })
    const began = performance.now()
    for (const count of upTo(10_000)) write(count, 'x'.repeat(300))
    assert.ok(performance.now() - began < 2000)
    assert.equal(sink.lost, 8000)
    assert.equal(told[0]?.type, 'sys_log_lost')
    const own = await startSyslog('tcp', { port })
    await own.received(2000)
    assert.deepEqual(countsOf(own), upTo(2000))
    await sink.close()
    await own.close()
  })

  it('or that takes connections and reads nothing, is the same', async () => {
    const net = await import('node:net')
    const deaf = net.createServer({ pauseOnConnect: true }, () => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => deaf.once('listening', resolve))
    const { sink, write } = open({ to: `tcp://127.0.0.1:${(deaf.address() as { port: number }).port}` })
    write(0)
    await new Promise((resolve) => deaf.once('connection', resolve))
    for (const count of upTo(60_000)) write(count, 'x'.repeat(480))
    assert.ok(sink.lost > 0)
    await sink.close()
    deaf.close()
  })

  it('counts what it could not send at the end', async () => {
    const { sink, write } = open({ to: `tcp://127.0.0.1:${await freePort()}` })
    for (const count of upTo(5)) write(count)
    await sink.close()
    assert.equal(sink.lost, 5)
  })

  it('is told nothing when its certificate is not one we trust', async () => {
    const { server: own, options } = await server('tls')
    for (const environment of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }]) {
      Object.assign(process.env, environment)
      const { sink, write, next } = open({ to: options.to })
      const lost = next()
      write(0)
      assert.match(String((await lost).data?.['error']), /SELF_SIGNED|UNABLE_TO_VERIFY|CERT/)
      await sink.close()
    }
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    await own.close()
    assert.equal(own.messages.length, 0)
  })
})

describe('messages of syslog', () => {
  const names = { facility: 'local7', host: 'web 1\n', app: 'my app', pid: 7 } as const

  it('carry the severity, and names without spaces', () => {
    const levels = { critical: 2, warn: 4, info: 6 } as const
    for (const [level, severity] of Object.entries(levels)) {
      const { priority, host, app } = parseMessage(syslogMessage({ ...eventWith(), level: level as 'info' }, names))
      assert.deepEqual([priority, host, app], [23 * 8 + severity, 'web_1_', 'my_app'])
    }
  })

  it('fit into a datagram: of what is too long the facts are left out', () => {
    const long = {
      ...eventWith(Object.fromEntries(upTo(20).map((n) => [`k${n}`, 'é'.repeat(500)]))),
      requestId: 'r'.repeat(40),
      path: '/x'.repeat(400),
    }
    const message = syslogMessage(long, names, 2048)
    assert.ok(message.length <= 2048)
    const { type, requestId, data } = JSON.parse(parseMessage(message).text) as {
      type: string
      requestId: string
      data: { cut: number }
    }
    assert.deepEqual([type, requestId.length], ['authn_login_fail', 40])
    assert.ok(data.cut > 2048)
  })
})

describe('a syslog server that cannot be meant', () => {
  const now = Date.UTC(2026, 0, 1)
  const insecurePlaintext = { reason: 'a cable between two machines', until: '2026-12-31' }
  for (const [options, why] of [
    [{ to: 'logs.example' }, /log\.syslog\.to/],
    [{ to: 'http://127.0.0.1' }, /log\.syslog\.to/],
    [{ to: 'tcp://127.0.0.1:0' }, /log\.syslog\.to/],
    [{ to: 'tls://[nonsense]' }, /log\.syslog\.to/],
    [{ to: 'tls://a.example', facility: 'kern' as never }, /facility/],
    [{ to: 'tls://a.example', app: 'my app' }, /log\.syslog\.app/],
    [{ to: 'tls://a.example', ca: 'nothing' }, /log\.syslog\.ca/],
    [{ to: 'tls://a.example', insecurePlaintext }, /nothing is in the clear/],
    [{ to: 'udp://logs.example' }, /without TLS/],
    [{ to: 'tcp://10.0.0.1', insecurePlaintext: { ...insecurePlaintext, until: '2025-01-01' } }, /has passed/],
    [{ to: 'tls://a.example', port: 1 } as never, /log\.syslog\.port is not an option/],
  ] as const) {
    it(`does not start: ${JSON.stringify(options).slice(0, 60)}`, () => assert.throws(() => readSyslog(options, now), why))
  }

  it('may be another machine in the clear with a reason and a day, and is found then', () => {
    assert.deepEqual(readSyslog({ to: 'tcp://10.0.0.1', insecurePlaintext }, now).weaker, insecurePlaintext)
  })

  it('has the port of its kind', () => {
    const ports = ['udp://127.0.0.1', 'tcp://[::1]', 'tls://a.example'].map(
      (to) => (readSyslog({ to }, now) as { port: number }).port,
    )
    assert.deepEqual(ports, [514, 601, 6514])
  })
})
