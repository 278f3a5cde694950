/** Express 5. The whole application stands behind the guard, so the order of its own lines cannot open anything. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Express, RequestHandler } from 'express'
import { Body, RoutePattern } from '../engine/facts.ts'
import type { Requirement } from '../engine/policy.ts'
import { carriedBy, type Guard } from '../engine/carrier.ts'
import { checker, fail, notFound, pass, send } from './node.ts'

/**
 * The listener to serve: `createServer(express(holdfast, app))`. `request.body` is what the kit parsed; errors and
 * unknown paths end in the kit's own answers instead of Express's (which show the stack outside production).
 */
export function express(guard: Guard, app: Express): RequestListener {
  app.disable('x-powered-by')
  // The client's address comes from the client control alone; Express reads no forwarded header.
  app.set('trust proxy', false)
  return (request, response) => {
    pass(guard, request, response, () => {
      const { x } = carriedBy(request)
      const body = x.get(Body)
      if (body) Object.assign(request, { body: body.value })
      if (guard.answers.heard) x.set(RoutePattern, () => patternOf(request as Routed))
      run(app, request, response)
    })
  }
}

/** Middleware that asks for more than being signed in: `app.get('/admin', requires({ role: 'admin' }), …)`. */
export function requires(requirement: Requirement): RequestHandler {
  const check = checker(requirement)
  return (request, response, next) => {
    const refusal = check(request)
    if (refusal) send(request, response, refusal)
    else next()
  }
}

function run(app: Express, request: IncomingMessage, response: ServerResponse): void {
  const last = (error?: unknown) => {
    if (error === undefined || error === null) notFound(request, response)
    else fail(request, response, error)
  }
  ;(app as unknown as (request: IncomingMessage, response: ServerResponse, last: (error?: unknown) => void) => void)(
    request,
    response,
    last,
  )
}

/** What Express leaves on a request that one of its routes answered. */
interface Routed extends IncomingMessage {
  readonly baseUrl?: string
  readonly route?: { readonly path?: unknown }
}

/** A route that is a regular expression or a list has no one name. */
function patternOf({ baseUrl = '', route }: Routed): string | undefined {
  return typeof route?.path === 'string' ? baseUrl + route.path : undefined
}
