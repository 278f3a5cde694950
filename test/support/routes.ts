/** What the small test application does, said once, so that it is the same under every framework. */
import type { Holdfast } from '../../src/index.ts'
import type { Requirement } from '../../src/engine/policy.ts'
import { policyFor, rule } from '../../src/engine/policies/index.ts'
import { BODY_LIMIT, type Files } from './files.ts'
import { formPaths, formRoutes, type Forms } from './forms.ts'
import { localPath } from '../../src/http/redirect.ts'

export interface State {
  /** What was written: the thing that attackers want to change. */
  readonly notes: string[]
  /** How often each handler ran. */
  readonly hits: Record<string, number>
  readonly bodies: unknown[]
  readonly files: Files
  readonly forms: Forms
}

export interface Answer {
  readonly status: number
  readonly type?: string
  readonly body: string
  readonly head?: Record<string, string>
}

export interface TestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** What the route itself asks for. */
  readonly needs?: Requirement
  /** Whether the handler reads the body from the request by itself. */
  readonly readsBody?: true
  /** `request` is what the framework hands over; `body` its own idea of the parsed body. */
  handle(holdfast: Holdfast, state: State, request: object, query: string, body: unknown): Answer | Promise<Answer>
}

const text = (body: string): Answer => ({ status: 200, body })
const json = (value: unknown): Answer => ({ status: 200, type: 'application/json', body: JSON.stringify(value) })
const page = (body: string): Answer => ({ status: 200, type: 'text/html; charset=utf-8', body })

function write(_holdfast: Holdfast, state: State, _request: object, _query: string, body: unknown): Answer {
  state.notes.push(String((body as { text?: unknown } | undefined)?.text))
  return json({ ok: true })
}

/** Only the owner reads a note; to everybody else it is not there. */
const notes = policyFor('notes', { read: rule.owner((note: { readonly owner: string }) => note.owner) }, { visibleBy: 'read' })

/** Only who proved who they are in the last five minutes writes. */
const recentNotes = policyFor('recent-notes', { write: rule.within<void>('5m') })

/** Only who acts in the tenant of a note reads it. */
const tenantNotes = policyFor('tenant-notes', { read: rule.sameTenant((note: { readonly tenant: string }) => note.tenant) })

/** Routes with a plain answer. Streams, events and raw bodies are written in each framework's own way. */
export const routes: readonly TestRoute[] = [
  ...formRoutes,
  { method: 'GET', path: '/', handle: () => page('<h1>home</h1>') },
  { method: 'GET', path: '/public-json', handle: () => json({ open: true }) },
  {
    method: 'GET',
    path: '/form',
    handle: (holdfast, _state, request) => {
      const view = holdfast.of(request)
      return page(
        `<script nonce="${view.nonce}"></script><form method="post" action="/notes">${view.formField.toString()}</form>`,
      )
    },
  },
  {
    method: 'GET',
    path: '/token',
    handle: (holdfast, _state, request) => json({ token: holdfast.of(request).formToken ?? null }),
  },
  {
    method: 'GET',
    path: '/me',
    handle: (holdfast, _state, request) =>
      json({ login: holdfast.of(request).principal?.login ?? null, address: holdfast.of(request).address }),
  },
  { method: 'POST', path: '/notes', handle: write },
  { method: 'POST', path: '/step-up', needs: { within: '5m' }, handle: write },
  {
    method: 'POST',
    path: '/step-up/policy',
    handle: (holdfast, state, request, query, body) => {
      holdfast.of(request).demand(recentNotes, 'write', undefined)
      return write(holdfast, state, request, query, body)
    },
  },
  { method: 'PUT', path: '/notes', handle: write },
  { method: 'PATCH', path: '/notes', handle: write },
  { method: 'DELETE', path: '/notes', handle: write },
  { method: 'GET', path: '/admin', needs: { role: 'admin' }, handle: () => text('ADMIN') },
  { method: 'GET', path: '/admin/users', needs: { role: 'admin' }, handle: () => text('ADMIN') },
  {
    method: 'GET',
    path: '/notes/of-ada',
    handle: (holdfast, _state, request) => {
      const note = { owner: 'ada' }
      holdfast.of(request).demand(notes, 'read', note)
      return text('NOTE OF ADA')
    },
  },
  {
    method: 'GET',
    path: '/notes/of-tenant',
    handle: (holdfast, _state, request, query) => {
      const note = { tenant: new URLSearchParams(query).get('tenant') ?? '' }
      holdfast.of(request).demand(tenantNotes, 'read', note)
      return text(`NOTE OF ${note.tenant}`)
    },
  },
  {
    method: 'GET',
    path: '/boom',
    handle: () => {
      throw new Error('secret stack at select * from users')
    },
  },
  {
    method: 'POST',
    path: '/echo',
    handle: (_holdfast, state, _request, _query, body) => {
      state.bodies.push(body)
      return json({ body: body ?? null })
    },
  },
  { method: 'PATCH', path: '/echo', handle: (_holdfast, _state, _request, _query, body) => json({ body: body ?? null }) },
  { method: 'DELETE', path: '/echo', handle: (_holdfast, _state, _request, _query, body) => json({ body: body ?? null }) },
  { method: 'POST', path: '/webhook', handle: write },
  {
    method: 'GET',
    path: '/redirect',
    handle: (_holdfast, _state, _request, query) => ({
      status: 302,
      body: '',
      head: { location: localPath(new URLSearchParams(query).get('to') ?? undefined) },
    }),
  },
  { method: 'GET', path: '/link', handle: (holdfast) => text(`${holdfast.site.origin}/reset`) },
  {
    method: 'GET',
    path: '/static/app.css',
    handle: () => ({ status: 200, type: 'text/css', body: 'body{}', head: { 'cache-control': 'public, max-age=3600' } }),
  },
  {
    method: 'GET',
    path: '/leaky',
    handle: () => ({
      status: 200,
      body: 'ok',
      head: { server: 'leaky/1.0', 'x-powered-by': 'leaky', 'content-security-policy': 'default-src *' },
    }),
  },
]

/** Who may ask without signing in, and what is special: the same for every framework. */
export const openPaths = [
  ...['/', '/public-json', '/form', '/token', '/boom', '/stream', '/sse', '/redirect', '/link', '/static/app.css', '/leaky'],
  '/download',
  ...formPaths,
  ...['POST /echo', 'PATCH /echo', 'DELETE /echo'],
]

export const specialRoutes = [
  { path: 'POST /raw', public: true, body: 'raw' as const, bodyLimit: 200_000 },
  { path: 'POST /upload', public: true, body: 'raw' as const, bodyLimit: BODY_LIMIT },
  { path: 'POST /picture', public: true, bodyLimit: 600_000 },
  { path: 'POST /album', public: true, bodyLimit: 600_000 },
  { path: 'POST /webhook', public: true, insecureWithoutCsrf: { reason: 'the sender signs its bodies', until: '2099-12-31' } },
]

export function run(
  route: TestRoute,
  holdfast: Holdfast,
  state: State,
  request: object,
  target: string,
  body: unknown,
): Answer | Promise<Answer> {
  const name = `${route.method} ${route.path}`
  state.hits[name] = (state.hits[name] ?? 0) + 1
  const question = target.indexOf('?')
  return route.handle(holdfast, state, request, question < 0 ? '' : target.slice(question + 1), body)
}
