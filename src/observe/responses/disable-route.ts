/** Closes a route or a feature for a time. The doors by which people come in and out stay open. */
import { DAY, defineResponse, HOUR, no, type Asked, type Refused } from './response.ts'
import type { Levers } from './levers.ts'
import { isRefused } from './targets.ts'

const ROUTE = /^(?:([A-Z]{3,16}) )?(\/(?:[^\s?#*]*\/)?(?:\*|[^\s?#*]*))$/

interface Closed {
  readonly method?: string
  readonly path: string
}

export const disableRoute = defineResponse({
  name: 'disable-route',
  what: 'Closes a path (`POST /export`, `/export`), all below one (`/export/*`) or a feature (`feature:export`) for a time; it answers 503.',
  subjects: ['route'],
  lasts: { usual: HOUR, most: 30 * DAY },
  async plan(asked, levers) {
    const routes = routesOf(asked, levers)
    if (isRefused(routes)) return routes
    const spared = routes.find(({ path }) => levers.spared(path))
    if (spared) return no('route-spared', `${spared.path} stays open: people come in or out there.`)
    const names = routes.map(({ method, path }) => (method === undefined ? path : `${method} ${path}`))
    return { ok: true, says: `Closes ${names.join(', ')}.`, touches: routes.length, hold: { kind: 'close', routes } }
  },
})

function routesOf({ subject }: Asked, levers: Levers): readonly Closed[] | Refused {
  const value = subject?.value ?? ''
  const feature = /^feature:(.+)$/.exec(value)?.[1]
  const texts = feature === undefined ? [value] : levers.feature(feature)
  if (texts === undefined) return no('subject-unknown', `There is no feature "${feature!.slice(0, 40)}" in containment.features.`)
  const routes = texts.map((text) => ROUTE.exec(text))
  if (routes.some((match) => match === null))
    return no('subject-unfit', `"${value.slice(0, 60)}" is no path. Write "POST /export", "/export" or "/export/*".`)
  return routes.map((match) => ({ path: match![2]!, ...(match![1] !== undefined && { method: match![1] }) }))
}
