/** What requests came to, as numbers: counted after the answer is over, so that no request waits for it. */
import type { Answered, Answers } from '../../engine/answers.ts'
import { RoutePattern } from '../../engine/facts.ts'
import { CLOSED } from '../../engine/policy.ts'
import { KNOWN_METHODS } from '../../http/method.ts'
import { OTHER } from './label-sets.ts'
import type { Metrics } from './types.ts'

/** `ownPaths`: the kit's own, which no table of the application names. Returns how to stop. */
export function measureRequests(metrics: Metrics, answers: Answers, ownPaths: ReadonlySet<string>): () => void {
  const requests = metrics.counter({
    name: 'holdfast_requests_total',
    help: 'Requests that were answered.',
    labels: ['method', 'status', 'route'],
    most: 2000,
  })
  const duration = metrics.histogram({
    name: 'holdfast_request_duration_seconds',
    help: 'From when a request came to when its answer had left.',
    labels: ['route'],
  })
  const cut = metrics.counter({ name: 'holdfast_answers_cut_total', help: 'Answers that did not leave as a whole.' })
  const refusals = metrics.counter({
    name: 'holdfast_refusals_total',
    help: 'Requests that were refused, by the control that did it ("route": what the route itself asks for) and the public code.',
    labels: ['control', 'code'],
  })
  metrics.gauge({
    name: 'holdfast_requests_in_flight',
    help: 'Requests that came and whose answers have not left.',
    every: 0,
    read: () => answers.pending,
  })
  /** What one route is counted in. Found by one look-up a request; there are no more of them than the metric keeps. */
  interface Counted {
    readonly duration: ReturnType<typeof duration.for>
    readonly requests: Map<string, (ReturnType<typeof requests.for> | undefined)[]>
  }
  const routes = new Map<string, Counted>()

  function countedFor(route: string): Counted {
    const known = routes.get(route)
    if (known !== undefined) return known
    if (routes.size >= MOST_ROUTES && route !== OTHER) return countedFor(OTHER)
    const made = { duration: duration.for([route]), requests: new Map() }
    routes.set(route, made)
    return made
  }

  return answers.on(({ x, status, time, complete }) => {
    const route = routeOf({ x }, ownPaths)
    const counted = countedFor(route)
    counted.duration.observe((x.began === undefined ? Math.max(0, time - x.time) : performance.now() - x.began) / 1000)
    const method = methodOf(x.method)
    const hundreds = Math.floor(status / 100)
    let byStatus = counted.requests.get(method)
    if (byStatus === undefined) counted.requests.set(method, (byStatus = []))
    const series = (byStatus[hundreds] ??= requests.for([method, STATUSES[hundreds] ?? OTHER, route]))
    series.add()
    if (!complete) cut.add()
    if (x.denial) refusals.add([x.endedBy ?? 'route', x.denial.code])
  })
}

/** Routes that are counted one by one. */
const MOST_ROUTES = 150
const STATUSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx']

/** A client may invent methods. */
export function methodOf(method: string): string {
  return KNOWN_METHODS.has(method) ? method : OTHER
}

/** A path that the application or the kit named, or the pattern of the framework's router: never what the client wrote. */
export function routeOf({ x }: Pick<Answered, 'x'>, ownPaths: ReadonlySet<string>): string {
  if (x.route !== CLOSED || ownPaths.has(x.path)) return x.path
  return x.get(RoutePattern)?.() ?? OTHER
}
