import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A71',
  title: 'sends a body without end to a handler that never reads it, and keeps the connection',
  control: 'body',
  adapters: ['node', 'express', 'fastify'],
  async succeeds(app) {
    const head = `Host: localhost:${app.port}\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked`
    const text = await app.raw(`POST /webhook HTTP/1.1\r\n${head}\r\n\r\n5\r\nhello\r\n`)
    return /^HTTP\/1.1 200/.test(text) && !/connection: close/i.test(text)
  },
})
