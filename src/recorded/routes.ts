/**
 * The application names its routes in code, which the command cannot see. So it leaves the central table in the store when it starts,
 * and `holdfast explain route` can say which line decides.
 */
import { compileRoutes, type RouteOptions, type Requirement } from '../engine/policy.ts'
import type { AtomicStore } from '../store/atomic.ts'

/** What decides about a path before any handler is asked. */
export interface RecordedRoutes {
  /** Lines that open or change a route; `name` says who wrote them. */
  readonly lines: readonly (RouteOptions & { readonly by: 'public' | 'routes' | 'kit' })[]
  /** What every route that is not public asks for. */
  readonly everywhere?: Requirement | undefined
}

const KEY = 'application:routes'
const CENTURY = 100 * 365 * 86_400_000
/** More than a store takes as one value. */
const LONGEST = 60_000

/** Leaves them; a table that is too long for one value is left out whole, and said to be missing when it is asked for. */
export async function recordRoutes(once: AtomicStore, routes: RecordedRoutes, now: number): Promise<void> {
  const text = JSON.stringify(routes)
  if (text.length <= LONGEST) await once.put(KEY, text, CENTURY, now)
  else await once.delete(KEY)
}

/** What was left last; `undefined` where no application of this version has started. */
export async function recordedRoutes(once: AtomicStore, now: number): Promise<RecordedRoutes | undefined> {
  const text = await once.get(KEY, now)
  return text === undefined ? undefined : (JSON.parse(text) as RecordedRoutes)
}

/** The line that is about this method and path; nothing where the default holds. */
export function lineFor(
  { lines }: RecordedRoutes,
  method: string,
  path: string,
  now: number,
): RecordedRoutes['lines'][number] | undefined {
  return lines.find((line) => {
    const { by: _, insecureWithoutCsrf: __, ...rest } = line
    const found = compileRoutes([], [{ ...rest, public: true }], now)(method, path)
    return found.public
  })
}
