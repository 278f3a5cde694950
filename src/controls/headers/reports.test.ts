import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls } from '../../../test/support/exchange.ts'
import { client } from '../client/client.ts'
import { headers } from './headers.ts'

const CSP = 'application/csp-report'
const REPORTS = 'application/reports+json'
const start = () => startControls([client, headers])

const violation = (more: object = {}) => ({
  documentURL: 'https://app.example/notes?token=secret',
  blockedURL: 'https://evil.example/x.js?y=1',
  effectiveDirective: 'script-src-elem',
  disposition: 'enforce',
  ...more,
})
const reports = (...bodies: object[]) =>
  JSON.stringify(bodies.map((body) => ({ type: 'csp-violation', url: 'https://app.example/', body })))
const post = (body: string, type = REPORTS, path = '/_holdfast/reports') => ({
  method: 'POST',
  target: path,
  headers: { 'content-type': type },
  body,
})

describe('the collector of browser reports', () => {
  it('turns a report into an event that names no query', async () => {
    const { reply, events } = await start().run(post(reports(violation())))
    assert.equal(reply?.status, 204)
    assert.deepEqual(
      events.map(({ type, data, path }) => ({ type, data, path })),
      [
        {
          type: 'browser_report',
          path: '/_holdfast/reports',
          data: {
            kind: 'csp-violation',
            directive: 'script-src-elem',
            blocked: 'https://evil.example/x.js',
            document: 'https://app.example/notes',
            disposition: 'enforce',
          },
        },
      ],
    )
  })

  it('reads the older shape as well', async () => {
    const body = JSON.stringify({
      'csp-report': {
        'document-uri': 'https://app.example/a',
        'violated-directive': 'img-src',
        'blocked-uri': 'data:image/png;base64,AAAA',
      },
    })
    const { events } = await start().run(post(body, CSP))
    assert.deepEqual(
      events.map(({ data }) => [data?.['directive'], data?.['blocked']]),
      [['img-src', 'data:']],
    )
  })

  it('tells one violation once a minute, and afterwards how often it came', async () => {
    const app = start()
    for (let index = 0; index < 5; index++)
      await app.run(post(reports(violation(), violation({ blockedURL: `https://evil.example/x.js?${index}` }))))
    assert.equal(app.events.length, 1)
    app.clock.now += 60_000
    await app.run(post(reports(violation())))
    assert.deepEqual(
      app.events.slice(1).map(({ data }) => [data?.['kind'], data?.['repeated']]),
      [
        ['summary', 9],
        ['csp-violation', undefined],
      ],
    )
  })

  it('tells at most 100 kinds a minute, however many are posted (A103)', async () => {
    const app = start()
    for (let batch = 0; batch < 100; batch++)
      await app.run(
        post(
          reports(...Array.from({ length: 50 }, (_, index) => violation({ blockedURL: `https://e${batch}-${index}.example/` }))),
        ),
      )
    assert.equal(app.events.length, 100)
    app.clock.now += 60_000
    await app.run(post('[]'))
    assert.deepEqual([app.events.length, app.events.at(-1)?.data?.['dropped']], [101, 4900])
  })

  it('refuses what is too large, of another type or not JSON', async () => {
    const app = start()
    const status = async (body: string, type?: string) => (await app.run(post(body, type))).reply?.status
    assert.equal(await status(`[${' '.repeat(17_000)}]`), 413)
    assert.equal(await status('[]', 'application/json'), 415)
    assert.equal(await status('[]', 'text/plain'), 415)
    assert.equal(await status('{'), 400)
    assert.equal(await status('['.repeat(9) + ']'.repeat(9)), 400)
    assert.equal(await status('{"__proto__":{}}'), 400)
    assert.equal(app.events.length, 0)
  })

  it('takes strange reports for what they are worth', async () => {
    const app = start()
    for (const body of [
      'null',
      '1',
      '"x"',
      '[null,1,"x",[]]',
      '{"csp-report":7}',
      '[{"type":{},"body":[]}]',
      reports({ blockedURL: 7, documentURL: {}, effectiveDirective: ['x'] }),
    ])
      assert.equal((await app.run(post(body))).reply?.status, 204, body)
    for (const { data } of app.events)
      for (const value of Object.values(data!)) assert.ok(typeof value === 'string' || typeof value === 'number')
  })

  it('cuts values and takes controls out of them', async () => {
    const { events } = await start().run(
      post(reports(violation({ effectiveDirective: `script\r\n\u001b[31m${'x'.repeat(500)}`, blockedURL: 'inline' }))),
    )
    assert.equal(events[0]?.data?.['blocked'], 'inline')
    assert.match(String(events[0]?.data?.['directive']), /^script\[31mx{100,200}$/)
  })

  it('answers nothing else: other methods and paths go on', async () => {
    const app = start()
    assert.equal((await app.run({ target: '/_holdfast/reports' })).reply, undefined)
    assert.equal((await app.run(post('[]', REPORTS, '/_holdfast/reports/'))).reply, undefined)
  })
})
