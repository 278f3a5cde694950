import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeInbound, startControls } from '../../../test/support/exchange.ts'
import { hosts } from './hosts.ts'

const running = startControls([hosts])
const status = async (host: string, app = running) => (await app.run({ headers: { host } })).reply?.status

describe('hosts', () => {
  it('serves the host of the origin, in any case and with its own port', async () => {
    for (const host of ['app.example', 'APP.Example', 'app.example:443']) assert.equal(await status(host), undefined, host)
  })

  it('answers 421 to every other host (A54)', async () => {
    for (const host of [
      'evil.example',
      'evil-app.example',
      'app.example.evil.net',
      'x.app.example',
      'app.example:80',
      'app.example:8443',
      '127.0.0.1',
      '[::1]',
    ])
      assert.equal(await status(host), 421, host)
  })

  it('answers 400 to what is no host (A45, A46, A48)', async () => {
    for (const host of [
      '',
      'app.example@evil.net',
      'evil.net/app.example',
      'app.example.',
      '.app.example',
      'app.example:',
      'app.example:443x',
      'app.example,evil.net',
      'app.example evil.net',
      'app.example\\evil.net',
      'app.example?x',
      'app.example#x',
    ])
      assert.equal(await status(host), 400, host)
  })

  it('answers 400 where there is no host at all', async () => {
    const { reply, events } = await running.run({ ...fakeInbound({ httpVersion: '0.9' }), header: () => undefined })
    assert.equal(reply?.status, 400)
    assert.deepEqual(
      events.map((event) => [event.type, event.data?.['reason']]),
      [['malicious_host', 'missing']],
    )
  })

  it('reads :authority where that is the host', async () => {
    assert.equal((await running.run({ httpVersion: '2.0', headers: [[':authority', 'app.example']] })).reply, undefined)
    assert.equal((await running.run({ httpVersion: '2.0', headers: [[':authority', 'evil.example']] })).reply?.status, 421)
  })

  it('ignores forwarded hosts (A50)', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'app.example', forwarded: 'host=app.example' }
    assert.equal((await running.run({ headers })).reply?.status, 421)
  })

  it('tells what was asked for', async () => {
    const { events } = await running.run({ headers: { host: 'evil.example' } })
    assert.deepEqual(
      events.map(({ type, data }) => [type, data?.['host']]),
      [['malicious_host', 'evil.example']],
    )
  })

  it('serves further hosts that are named exactly', async () => {
    const app = startControls([hosts], { hosts: { also: ['www.app.example', 'health.internal:8080'] } })
    for (const host of ['www.app.example', 'health.internal:8080', 'app.example'])
      assert.equal(await status(host, app), undefined, host)
    for (const host of ['health.internal', 'x.www.app.example']) assert.equal(await status(host, app), 421, host)
  })

  it('keeps the port of an origin that has one', async () => {
    const app = startControls([hosts], {}, { origin: 'http://localhost:3000' })
    assert.equal(await status('localhost:3000', app), undefined)
    assert.equal(await status('localhost', app), 421)
    assert.equal(await status('127.0.0.1:3000', app), 421)
  })

  it('refuses patterns at start-up', () => {
    for (const also of [['*.app.example'], ['.app.example'], ['https://app.example'], [''], [7], 'app.example'])
      assert.throws(() => startControls([hosts], { hosts: { also } }), /HF_OPTION_INVALID/, String(also))
  })
})
