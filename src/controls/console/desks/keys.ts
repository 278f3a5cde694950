/**
 * One's API keys, for the person: list, make, end. Making one asks for a proof of the last ten minutes, because a key outlives the
 * session of whoever sits at an unlocked screen. Source: OWASP ASVS 5.0, 7.5.1 and 7.5.2.
 */
import { inCommon } from '../../../accounts/index.ts'
import type { Actor, ApiKey, ApiKeyCreated, Membership } from '../../../accounts/types.ts'
import { json, queryText, sentForm, type Sent } from '../../../console/form.ts'
import { KEY_DAYS, keysPage, type KeyRow, type KeysModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { isRecent, NOT_FOUND, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

type Problem = Extract<ApiKeyCreated, { ok: false }>['reason']
/** `place`: the tenant that the form is about. */
type Shown = Partial<Omit<KeysModel, 'place'>> & { readonly place?: Membership | undefined }

const PROVE = deny(401, 'recent-proof-required', { reason: 'making an API key' })
const DAY = 86_400_000
const LONGEST = 8192
const LEFT = 'an organisation that you left'
const TEXT = { type: 'string' } as const
const SCOPES = { type: 'string', description: 'With a space between.' } as const
const TENANT = { type: 'string', description: 'Id of an organisation one belongs to: the key acts in it alone.' } as const
const KEY = { type: 'object', required: ['id', 'name', 'scopes', 'status', 'createdAt'] } as const

/** What is wrong, at which field, and what to do. */
const PROBLEMS: Readonly<Partial<Record<Problem, readonly ['name' | 'days' | 'scopes', string]>>> = {
  'name-invalid': ['name', 'Write 1 to 80 characters that can be seen.'],
  'name-taken': ['name', 'You have a key of this name. End it first, or choose another name.'],
  'expiry-invalid': ['days', 'Choose one of the lengths.'],
  'scope-invalid': ['scopes', 'Choose permissions of the list.'],
  'scope-not-held': ['scopes', 'Choose only what you may do yourself.'],
}

export const keys: ConsoleDesk = {
  name: 'keys',
  at: ({ path, keys: wanted }) => (wanted ? { path: `${path}/keys`, label: 'API keys' } : undefined),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/keys`,
      id: 'listKeys',
      what: "Lists one's API keys.",
      as: 'session',
      answers: { 200: { what: 'The keys, without their text.', schema: objectOf({ keys: { type: 'array', items: KEY } }) } },
    },
    {
      method: 'post',
      path: `${path}/keys/create`,
      id: 'createKey',
      what: 'Makes an API key and shows its text, once. Asks for a proof of the last ten minutes.',
      as: 'session',
      body: objectOf({ name: TEXT, days: TEXT, scopes: SCOPES, tenant: TENANT }, ['days', 'scopes', 'tenant']),
      answers: {
        201: { what: 'The key.', schema: objectOf({ ok: { const: true }, key: KEY, text: TEXT }) },
        404: { what: 'One does not belong to such a tenant.' },
        422: { what: 'Something of it is refused.' },
      },
    },
    {
      method: 'post',
      path: `${path}/keys/revoke`,
      id: 'revokeKey',
      what: 'Ends a key.',
      as: 'session',
      body: objectOf({ key: TEXT }),
      answers: { 200: DONE, 404: { what: 'There is no such key of this user.' } },
    },
  ],
  start: keysDesk,
}

function keysDesk({ options, accounts, emit, facts }: DeskSetting): Serve {
  const { apiKeys, roles, tenants } = accounts
  const listPath = `${options.path}/keys`
  const known = new Set(Object.values(roles).flat())
  const knownThere = new Set(Object.values(tenants.roles).flat())

  /** Where a key of theirs can act, besides the application: found anew each time, since the id comes with the request. */
  async function placesOf({ principal }: CurrentSession): Promise<readonly Membership[]> {
    return options.tenants ? await tenants.of(principal.id) : []
  }

  function offeredTo({ principal }: CurrentSession, place: Membership | undefined): string[] {
    if (place === undefined) return [...inCommon(known, principal.permissions)].toSorted()
    return [...inCommon(knownThere, new Set(place.roles.flatMap((role) => tenants.roles[role] ?? [])))].toSorted()
  }

  async function show(x: Exchange, current: CurrentSession, given: Shown = {}, status = 200): Promise<Reply> {
    const { place, ...more } = given
    const places = await placesOf(current)
    const rows = (await apiKeys.list(current.principal.id, x.time)).map((key) => rowOf(key, places))
    const back = place === undefined ? listPath : `${listPath}?tenant=${encodeURIComponent(place.id)}`
    const prove = isRecent(x, current) ? undefined : `${options.againPath}?next=${encodeURIComponent(back)}`
    const model = { prove, keys: rows, places, place, offered: offeredTo(current, place), now: x.time }
    return page(keysPage({ ...facts(x, current), ...model, ...more }), status)
  }

  async function create(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (!isRecent(x, current)) return PROVE
    const sent = sentForm(x)
    const place = placeIn(await placesOf(current), sent.text('tenant'))
    if (place === 'none') return nobodys(x, 'key for a tenant of others')
    const [offered, name, days] = [offeredTo(current, place), sent.text('name'), daysOf(sent)]
    const scopes = scopesOf(sent, offered)
    const again = { place, name: name.slice(0, 80), chosen: { days, scopes } }
    const wanted = { userId: current.principal.id, name, scopes, expiresIn: days * DAY, tenant: place?.id }
    const made = await apiKeys.create(wanted, actorOf(current), x)
    if (!made.ok) return refuse(x, current, made.reason, again)
    const text = made.text.reveal()
    if (sent.json) return json({ ok: true, key: visible(made.key), text }, 201)
    return show(x, current, { place, made: { name: made.key.name, text } })
  }

  function refuse(x: Exchange, current: CurrentSession, reason: Problem, again: Shown): Reply | Promise<Reply> {
    if (sentForm(x).json) return deny(422, 'key-refused', { reason })
    const [at, words] = PROBLEMS[reason] ?? ['form', 'There are too many keys. End one first.']
    return show(x, current, { ...again, errors: { [at]: words } }, 422)
  }

  function nobodys(x: Exchange, reason: string): Reply {
    emit({ type: 'authz_fail', data: { code: 'not-found', reason } }, x)
    return NOT_FOUND
  }

  /** One's own only: the user's id stands beside the key's in the question to the store. */
  async function revoke(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    if (await apiKeys.revoke(current.principal.id, sent.text('key'), actorOf(current), x))
      return sent.json ? json({ ok: true }) : seeOther(listPath)
    return nobodys(x, 'key of nobody or of another user')
  }

  async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (sentForm(x).json) return json({ keys: (await apiKeys.list(current.principal.id, x.time)).map(visible) })
    const place = placeIn(await placesOf(current), queryText(x, 'tenant'))
    return place === 'none' ? nobodys(x, 'keys for a tenant of others') : await show(x, current, { place })
  }

  const acts = new Map([
    [`${listPath}/create`, create],
    [`${listPath}/revoke`, revoke],
  ])

  return (x, current) => {
    const act = acts.get(x.path)
    if (act !== undefined) return x.method === 'POST' ? act(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}

/** The tenant of that id among those they belong to; nothing where none is named. */
function placeIn(places: readonly Membership[], id: string): Membership | undefined | 'none' {
  return id === '' ? undefined : (places.find((place) => place.id === id) ?? 'none')
}

/** A length that is none of those offered is refused by accounts. */
function daysOf(sent: Sent): number {
  const text = sent.text('days')
  return text === '' ? KEY_DAYS[0]! : (KEY_DAYS.find((days) => String(days) === text) ?? 0)
}

/** Boxes of the form, by name; or, from a program, one text with a space between (RFC 6749 §3.3). */
function scopesOf(sent: Sent, offered: readonly string[]): string[] {
  const named = sent.text('scopes').slice(0, LONGEST)
  const listed = named.split(' ').filter((scope) => scope !== '')
  return [...listed, ...offered.filter((scope) => sent.text(`scope:${scope}`) === 'on')]
}

function actorOf({ principal }: CurrentSession): Actor {
  return { kind: 'user', id: principal.id }
}

function rowOf(key: ApiKey, places: readonly Membership[]): KeyRow {
  const { id, name, scopes, status, createdAt, expiresAt, lastUsedAt, tenant } = key
  const place = tenant === undefined ? undefined : (places.find((one) => one.id === tenant)?.name ?? LEFT)
  return { id, name, place, scopes, status, created: createdAt, expires: expiresAt, lastUsed: lastUsedAt }
}

function visible(key: ApiKey): object {
  const { userId: _, ...rest } = key
  return rest
}
