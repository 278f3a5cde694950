/** Hono 4 on node, through @hono/node-server: guarded before the Fetch request is even made. */
import type { IncomingMessage, RequestListener } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import type { Hono, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Body, RoutePattern } from '../engine/facts.ts'
import type { Passage } from '../engine/passage.ts'
import type { Requirement } from '../engine/policy.ts'
import { deny, type Reply } from '../engine/reply.ts'
import { carriedBy, type Guard } from '../engine/carrier.ts'
import { checker, pass } from './node.ts'

/** The listener to serve: `createServer(hono(holdfast, app))`. Errors and unknown paths end in the kit's own answers. */
export function hono(guard: Guard, app: Hono<any>): RequestListener {
  app.notFound((context) => respond(incoming(context.env), deny(404, 'not-found')))
  app.onError((error, context) => {
    if (error instanceof HTTPException && error.status < 500)
      return respond(incoming(context.env), deny(error.status, 'request-refused'))
    const { x } = carriedBy(incoming(context.env))
    return respond(incoming(context.env), guard.engine.fault(x, error))
  })
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  return (request, response) => {
    pass(guard, request, response, () => {
      const { x } = carriedBy(request)
      const body = x.get(Body)
      if (guard.answers.heard) x.set(RoutePattern, () => patternOf(app, x))
      // node-server reads `rawBody` instead of the stream, which the kit has read already.
      if (body) Object.assign(request, { rawBody: body.bytes })
      void listener(request, response)
    })
  }
}

/** Middleware that asks for more than being signed in: `app.get('/admin', requires({ role: 'admin' }), …)`. */
export function requires(requirement: Requirement): MiddlewareHandler {
  const check = checker(requirement)
  return async (context, next) => {
    const request = incoming(context.env)
    const refusal = check(request)
    if (refusal) return respond(request, refusal)
    await next()
    return undefined
  }
}

/** The last of the handlers that fit is the route; those before it are middleware, and one alone may be, too. */
function patternOf(app: Hono<any>, { method, path }: Passage): string | undefined {
  const [handlers] = app.router.match(method === 'HEAD' ? 'GET' : method, path)
  return handlers.at(-1)?.[0][1].path
}

function incoming(env: unknown): IncomingMessage {
  return (env as HttpBindings).incoming as IncomingMessage
}

function respond(request: IncomingMessage, reply: Reply): Response | Promise<Response> {
  const { guard, x } = carriedBy(request)
  const resumable = guard.resume(x, reply)
  return resumable instanceof Promise ? resumable.then((kept) => write(request, kept)) : write(request, resumable)
}

function write(request: IncomingMessage, reply: Reply): Response {
  const { guard, x } = carriedBy(request)
  const { status, head, body } = guard.engine.render(x, reply)
  return new Response(status === 204 || status === 304 || request.method === 'HEAD' ? null : body, { status, headers: head })
}
