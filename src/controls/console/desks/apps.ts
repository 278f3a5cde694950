/**
 * The apps one is signed in with by tokens, for the person: see them, end one; its tokens are dead at its next request. All of them
 * end with "End everywhere" of the sessions, too. Source: OWASP ASVS 5.0, 7.5.2; OWASP Session Management Cheat Sheet.
 */
import type { App, Tenant } from '../../../accounts/types.ts'
import { json, sentForm } from '../../../console/form.ts'
import { appsPage, type AppRow } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

export const apps: ConsoleDesk = {
  name: 'apps',
  at: ({ path, apps: wanted }) => (wanted ? { path: `${path}/apps`, label: 'Apps' } : undefined),
  operations: ({ path }) => [
    {
      ...{ method: 'get', path: `${path}/apps`, id: 'listApps', as: 'session' },
      what: 'The apps that are signed in for one, the latest used first.',
      answers: { 200: { what: 'Them.', schema: objectOf({ apps: { type: 'array', items: { type: 'object' } } }) } },
    },
    {
      ...{ method: 'post', path: `${path}/apps/end`, id: 'endApp', as: 'session' },
      what: 'Ends one of them, with all its tokens.',
      body: objectOf({ app: { type: 'string' } }),
      answers: {
        200: { what: 'Done.', schema: objectOf({ ok: { const: true } }) },
        404: { what: 'No living app of one’s own.' },
      },
    },
  ],
  start: appsDesk,
}

function appsDesk({ options, accounts: { tenants, tokens }, emit, facts }: DeskSetting): Serve {
  const listPath = `${options.path}/apps`

  async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
    const found = await tokens.list(current.principal.id, x.time)
    if (sentForm(x).json) return json({ apps: found.map(visible) })
    const places = options.tenants ? await tenants.of(current.principal.id) : []
    return page(appsPage({ ...facts(x, current), apps: found.map((app) => rowOf(app, places)), now: x.time }))
  }

  /** One's own only: the user's id stands beside the app's in the question to the store. */
  async function end(x: Exchange, { principal: { id } }: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    if (await tokens.end(id, sent.text('app'), { kind: 'user', id }, x))
      return sent.json ? json({ ok: true }) : seeOther(listPath)
    emit({ type: 'authz_fail', data: { code: 'not-found', reason: 'app of nobody or of another user' } }, x)
    return NOT_FOUND
  }

  return (x, current) => {
    if (x.path === `${listPath}/end`) return x.method === 'POST' ? end(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}

/** An app that acts in a tenant ends with the membership, so the name of each is among them. */
function rowOf(app: App, places: readonly Tenant[]): AppRow {
  const { id, client, tenant, scopes, address, createdAt, seenAt, expiresAt } = app
  const place = places.find((one) => one.id === tenant)?.name
  return { id, client, place, scopes, address, created: createdAt, lastSeen: seenAt, ends: expiresAt }
}

function visible(app: App): object {
  const { userId: _, ...rest } = app
  return rest
}
