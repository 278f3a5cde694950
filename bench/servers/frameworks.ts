/** The same three routes in each framework, as its users would write them: bare, and behind Holdfast. */
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import expressApp from 'express'
import Fastify, { type FastifyInstance } from 'fastify'
import { Hono } from 'hono'
import { express } from '../../src/adapters/express.ts'
import { fastify } from '../../src/adapters/fastify.ts'
import { hono } from '../../src/adapters/hono.ts'
import { node } from '../../src/adapters/node.ts'
import { createServer } from '../../src/adapters/server.ts'
import type { Holdfast } from '../../src/index.ts'
import { PAGE, type Work } from './routes.ts'

export type Framework = 'fastify' | 'express' | 'hono' | 'node'
type Listen = (port: number) => Promise<unknown>

/** Gives the function that starts it. `holdfast`: guarded; without: bare, reading the form by the framework's own means. */
export const frameworks: Readonly<Record<Framework, (work: Work, holdfast: Holdfast | undefined) => Listen>> = {
  fastify(work, holdfast) {
    const app = holdfast ? fastify(holdfast) : (Fastify() as unknown as FastifyInstance)
    if (!holdfast) {
      app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
        done(null, Object.fromEntries(new URLSearchParams(String(text)))),
      )
      // The door of a page without a guard; behind the guard it is the kit's.
      app.post('/login', async (request, reply) => {
        const ok = await work.guess(String((request.body as { password: string }).password))
        return reply.code(ok ? 303 : 401).send()
      })
    }
    app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE))
    app.get('/api/me', () => work.me())
    app.post('/notes', (request, reply) => {
      work.insert(String((request.body as { text: string }).text))
      return reply.redirect('/', 303)
    })
    return (port) => app.listen({ port, host: '127.0.0.1' })
  },

  express(work, holdfast) {
    const app = expressApp()
    app.disable('x-powered-by')
    app.disable('etag')
    if (!holdfast) app.use(expressApp.urlencoded({ extended: false }))
    app.get('/', (_request, response) => void response.type('html').send(PAGE))
    app.get('/api/me', (_request, response) => void response.json(work.me()))
    app.post('/notes', (request, response) => {
      work.insert(String((request.body as { text: string }).text))
      response.redirect(303, '/')
    })
    return listen(holdfast, holdfast ? express(holdfast, app) : app)
  },

  hono(work, holdfast) {
    const app = new Hono()
    app.get('/', (c) => c.html(PAGE))
    app.get('/api/me', (c) => c.json(work.me()))
    app.post('/notes', async (c) => {
      const { text } = await c.req.parseBody()
      work.insert(String(text))
      return c.redirect('/', 303)
    })
    return listen(
      holdfast,
      holdfast
        ? hono(holdfast, app)
        : (getRequestListener(app.fetch, { overrideGlobalObjects: false }) as unknown as RequestListener),
    )
  },

  node(work, holdfast) {
    const json = JSON.stringify
    const serve = (request: IncomingMessage, response: http.ServerResponse, body: () => Promise<{ text?: string }>) => {
      if (request.url === '/')
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': PAGE.length }).end(PAGE)
      else if (request.url === '/api/me') {
        const text = json(work.me())
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
      } else {
        void body().then(({ text }) => {
          work.insert(String(text))
          response.writeHead(303, { location: '/', 'content-length': 0 }).end()
        })
      }
    }
    if (holdfast) {
      return listen(
        holdfast,
        node(holdfast, (request, response) =>
          serve(request, response, () => Promise.resolve(holdfast.of(request).body as { text?: string })),
        ),
      )
    }
    return listen(undefined, (request, response) => serve(request, response, () => readForm(request)))
  },
}

async function readForm(request: IncomingMessage): Promise<{ text?: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
}

function listen(holdfast: Holdfast | undefined, listener: RequestListener): Listen {
  const server: Server = holdfast ? createServer(holdfast, listener) : http.createServer(listener)
  return (port) => new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
}
