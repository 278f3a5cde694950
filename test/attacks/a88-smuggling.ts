import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { countAnswers, firstStatus } from '../support/disguise.ts'

const SECOND = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n'

/** Heads and bodies in which two readers find the end of the first request in different places. */
const FRAMINGS: readonly string[] = [
  `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
  `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${SECOND}`,
  `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SECOND}`,
  `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SECOND}`,
  `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SECOND}`,
  `Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n${SECOND}`,
  `Content-Length: 0\r\nContent-Length: 41\r\n\r\n${SECOND}`,
  `Content-Length: 0, 0\r\n\r\n${SECOND}`,
  `Content-Length: +0\r\n\r\n${SECOND}`,
  `Content-Length: -1\r\n\r\n${SECOND}`,
  `Content-Length: 0x0\r\n\r\n${SECOND}`,
  `X: y\r\n Content-Length: 0\r\n\r\n${SECOND}`,
  `X: y\nContent-Length: 0\n\n${SECOND}`,
  `X: y\rContent-Length: 0\r\n\r\n${SECOND}`,
  `X: a\u0000b\r\n\r\n${SECOND}`,
  `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${SECOND}`,
  `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${SECOND}`,
  `Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n${SECOND}`,
]

const head = (app: TestApp, method: string, version = '1.1') =>
  `${method} /echo HTTP/${version}\r\nHost: localhost:${app.port}\r\n`

export default [
  defineAttack({
    id: 'A88a',
    title: 'the body of a GET, which many readers skip, is a second request',
    control: 'target',
    adapters: 'all',
    async succeeds(app) {
      const smuggled = `GET /link HTTP/1.1\r\nHost: localhost:${app.port}\r\nContent-Length: ${SECOND.length}\r\n\r\n${SECOND}`
      const text = await app.raw(smuggled)
      return firstStatus(text) !== 400 || countAnswers(text) > 1
    },
  }),
  defineAttack({
    id: 'A88b',
    title: 'one message is framed in two ways',
    control: 'target',
    adapters: 'all',
    without: { heldBy: 'node', why: 'llhttp refuses these in strict mode, before any of our code runs' },
    async succeeds(app) {
      for (const framing of FRAMINGS) {
        const text = await app.raw(`${head(app, 'POST')}Content-Type: application/json\r\n${framing}`)
        if (countAnswers(text) > 1 || firstStatus(text) < 400 || firstStatus(text) === 401) return true
      }
      return false
    },
  }),
  defineAttack({
    id: 'A88c',
    title: 'a request of HTTP/1.0 is chunked, which readers of HTTP/1.0 do not know',
    control: 'target',
    adapters: ['node', 'express', 'fastify'],
    async succeeds(app) {
      const text = await app.raw(
        `${head(app, 'POST', '1.0')}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      )
      return firstStatus(text) !== 400
    },
  }),
]
