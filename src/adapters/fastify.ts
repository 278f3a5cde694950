/** Fastify 5. The instance is made here, because what its router refuses never reaches a plugin's hooks. */
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  type preHandlerHookHandler,
} from 'fastify'
import { Body, LateRefusal, RoutePattern } from '../engine/facts.ts'
import type { Requirement } from '../engine/policy.ts'
import { deny, type Reply } from '../engine/reply.ts'
import { carriedBy, type Guard } from '../engine/carrier.ts'
import { checker, pass, passed } from './node.ts'
import { createServer, type ServerSetting } from './server.ts'

export type { Certificate } from './server.ts'

/** Fastify's own options, less those that would go around the guard, and the kit's for the server. */
export interface FastifyOptions
  extends Omit<FastifyServerOptions, 'serverFactory' | 'frameworkErrors' | 'trustProxy'>, ServerSetting {}

/** A guarded Fastify: `const app = fastify(holdfast)`. Errors, unknown paths and bad targets end in the kit's answers. */
export function fastify(guard: Guard, { tls, ...options }: FastifyOptions = {}): FastifyInstance {
  const app = Fastify({
    // What runs when the application is told to stop is answered; the server takes nothing new by itself.
    return503OnClosing: false,
    ...options,
    // The target control has made the path canonical before the router sees it.
    serverFactory: (handler) =>
      createServer(guard, (request, response) => pass(guard, request, response, () => handler(request, response)), {
        ...(tls && { tls }),
      }),
    frameworkErrors: (_error, request, reply) =>
      respond(request as FastifyRequest, reply as FastifyReply, deny(400, 'target-malformed')),
  }) as unknown as FastifyInstance
  // `app.inject` does not use the server: it is guarded here, by the same function.
  app.addHook('onRequest', (request, reply, done) => {
    const x = passed(request.raw)
    if (x && guard.answers.heard) x.set(RoutePattern, () => (request.is404 ? undefined : request.routeOptions.url))
    if (x) return done()
    reply.raw.once('close', () => reply.hijack())
    pass(guard, request.raw, reply.raw, done)
  })
  app.removeAllContentTypeParsers()
  // Whatever the type: the kit has parsed it, or leaves the stream. The two usual ones by name, which Fastify finds faster.
  for (const type of ['application/json', 'application/x-www-form-urlencoded', /^/]) app.addContentTypeParser(type, handOver)
  app.setNotFoundHandler((request, reply) => respond(request, reply, deny(404, 'not-found')))
  app.setErrorHandler((error, request, reply) => {
    const { x } = carriedBy(request)
    const status = (error as { statusCode?: number }).statusCode ?? 500
    // A refusal of ours that came late (a body that grew too large) goes before what Fastify makes of it.
    if (status >= 400 && status < 500 && !x.get(LateRefusal)) return respond(request, reply, deny(status, 'request-refused'))
    return respond(request, reply, guard.engine.fault(x, error))
  })
  return app
}

function handOver(request: FastifyRequest, payload: unknown, done: (error: Error | null, body?: unknown) => void): void {
  const body = carriedBy(request).x.get(Body)
  done(null, body ? body.value : payload)
}

/** A preHandler that asks for more than being signed in: `app.get('/admin', { preHandler: requires({ role: 'admin' }) }, …)`. */
export function requires(requirement: Requirement): preHandlerHookHandler {
  const check = checker(requirement)
  return (request, reply, done) => {
    const refusal = check(request)
    if (refusal) respond(request, reply, refusal)
    else done()
  }
}

function respond(request: FastifyRequest, reply: FastifyReply, refusal: Reply): FastifyReply {
  const { guard, x } = carriedBy(request)
  const resumable = guard.resume(x, refusal)
  const write = (kept: Reply): FastifyReply => {
    const { status, head, body } = guard.engine.render(x, kept)
    return reply.code(status).headers(head).send(body)
  }
  if (!(resumable instanceof Promise)) return write(resumable)
  void resumable.then(write)
  return reply
}
