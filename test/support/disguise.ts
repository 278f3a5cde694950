/** Whether a disguised request got past the guard: the question of all attacks in which guard and router read differently. */
import type { RequestInit, TestApp } from './app.ts'

/** True when the router, not the guard, had the last word on the request. The asker is an administrator, so nothing else stops it. */
export async function reachesRouter(app: TestApp, path: string, { headers, ...init }: RequestInit = {}): Promise<boolean> {
  const { cookie } = await app.signIn('admin')
  const before = app.events.length
  const { status } = await app.fetch(path, { ...init, headers: { cookie, ...headers } })
  const refused = app.events.slice(before).some(({ type }) => type === 'malicious_target' || type === 'malicious_host')
  return !refused && status !== 431
}

/** The status of the first answer in what came back from a socket; 0 when nothing did. */
export function firstStatus(text: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0)
}

/** How many answers came back from a socket. A body may end right before the next one, on the same line. */
export function countAnswers(text: string): number {
  return text.split(/HTTP\/1\.[01] \d{3} /).length - 1
}
