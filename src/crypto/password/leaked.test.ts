import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createLeakCheck, type LeakedOptions } from './leaked.ts'

const LEAKED = ['the kettle sings at noon', 'pässwörd ✓ 日本']
const digestOf = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()

describe('the check for leaked passwords', () => {
  const asked: IncomingMessage[] = []
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  const server = createServer((request, response) => {
    asked.push(request)
    ;(answer ?? honest)(request, response)
  })
  before(async () => void (await once(server.listen(0, '127.0.0.1'), 'listening')))
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  /** As the public service answers: what it knows of the range, and padding with a count of 0. */
  function honest({ url }: IncomingMessage, response: ServerResponse): void {
    const prefix = url!.split('/').at(-1)!
    const found = LEAKED.map(digestOf).filter((digest) => digest.startsWith(prefix))
    const padding = Array.from({ length: 800 }, (_, index) => `${digestOf(`padding ${index}`).slice(5)}:0`)
    response.end([...found.map((digest) => `${digest.slice(5)}:17`), ...padding].join('\r\n'))
  }

  const check = (options: Partial<LeakedOptions> = {}) =>
    createLeakCheck({
      onFailure: 'open',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/range/`,
      ...options,
    })

  it('finds what has leaked and nothing else, and tells the service five digits of the hash', async () => {
    answer = undefined
    for (const password of LEAKED) assert.deepEqual(await check()(password), { known: true, leaked: true })
    assert.deepEqual(await check()('a walrus sings at four'), { known: true, leaked: false })
    const urls = asked.map(({ url }) => url)
    assert.deepEqual(
      urls,
      [...LEAKED, 'a walrus sings at four'].map((text) => `/range/${digestOf(text).slice(0, 5)}`),
    )
    assert.ok(asked.every(({ headers }) => headers['add-padding'] === 'true'))
  })

  it('does not take padding for a leak', async () => {
    answer = (_request, response) => void response.end(`${digestOf('a walrus sings at four').slice(5)}:0\r\n`)
    assert.deepEqual(await check()('a walrus sings at four'), { known: true, leaked: false })
  })

  it('says that the service failed, and what the policy makes of that', async () => {
    const failures: NonNullable<typeof answer>[] = [
      (_request, response) => void response.writeHead(503).end('later'),
      (_request, response) => void response.end(''),
      (_request, response) => void response.end('<html>Please sign in to this network</html>'),
      (_request, response) => void response.end(`${'A'.repeat(35)}:1\n${'A'.repeat(20)}`),
      (_request, response) => void response.end(`${'A'.repeat(35)}:1\n`.repeat(60_000)),
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      (request) => void request.socket.destroy(),
    ]
    for (const failure of failures) {
      answer = failure
      assert.deepEqual(await check()('a walrus sings at four'), { known: false, refuse: false })
      assert.deepEqual(await check({ onFailure: 'closed' })('a walrus sings at four'), { known: false, refuse: true })
    }
  })

  it('does not wait for a service that does not answer', async () => {
    const never: typeof fetch = (_url, options) => {
      assert.ok(options?.signal, 'there is a signal that ends the wait')
      return Promise.reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    }
    assert.deepEqual(await check({ fetch: never, timeout: 100, onFailure: 'closed' })('x'), { known: false, refuse: true })
  })

  it('refuses options that cannot work at the start', () => {
    for (const url of ['http://leaks.example/range', 'ftp://127.0.0.1/', 'nonsense', 'https://leaks.example/range?x=1'])
      assert.throws(() => check({ url }), /passwords.leaked.url/)
    for (const timeout of [0, 99, Number.NaN, 60_001]) assert.throws(() => check({ timeout }), /timeout/)
    assert.throws(() => check({ onFailure: 'maybe' as 'open' }), /onFailure/)
    assert.ok(createLeakCheck({ onFailure: 'closed' }))
  })
})
