/** The test application on Fastify 5. */
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { fastify, requires } from '../../../src/adapters/fastify.ts'
import type { Certificate } from '../../../src/adapters/server.ts'
import type { Holdfast } from '../../../src/index.ts'
import { giveDownload, takeUpload } from '../files.ts'
import { routes, run, type State } from '../routes.ts'

export function fastifyApp(holdfast: Holdfast, state: State, tls?: Certificate): FastifyInstance {
  const app = fastify(holdfast, { ...(tls && { tls }) })
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      ...(route.needs !== undefined && { preHandler: requires(route.needs) }),
      handler: async (request, reply) => {
        const { status, type = 'text/plain', body, head } = await run(route, holdfast, state, request, request.url, request.body)
        return reply
          .code(status)
          .headers({ 'content-type': type, ...head })
          .send(body)
      },
    })
  }
  app.get('/stream', (_request, reply) => reply.type('text/plain').send(Readable.from(['one ', 'two ', 'three'])))
  app.get('/sse', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: 1\n\n')
    reply.raw.end('data: 2\n\n')
  })
  app.post('/raw', async (request) => {
    let bytes = 0
    for await (const chunk of request.body as Readable) bytes += (chunk as Buffer).length
    return String(bytes)
  })
  app.post('/upload', async (request, reply) => {
    const { status, body } = await takeUpload(state.files, request)
    return reply.code(status).type('application/json').send(body)
  })
  app.get(
    '/download',
    async (request, reply) => (await giveDownload(state.files, reply, request.url.split('?')[1] ?? '')) ?? reply.callNotFound(),
  )
  app.get('/assets/*', async (_request, reply) => (await state.files.assets(reply)) ?? reply.callNotFound())
  return app
}
