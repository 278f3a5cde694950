/**
 * Access tokens for apps, and the refresh tokens that renew them: short-lived and signed, yet ended at once, because whose they are is
 * looked up at each request. Sources: RFC 9068, RFC 9700, RFC 7009; OWASP ASVS 5.0 chapter 9 and 10.4; lessons L06, L26, L33, L109.
 */
import { act } from '../../engine/act.ts'
import { equal } from '../../crypto/equal.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { Emit } from '../../engine/events.ts'
import type { FoundCache } from '../sessions/found-cache.ts'
import { nameOf, readId } from '../ids.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { SessionLengths } from '../sessions/row.ts'
import { beginApp } from './app-begin.ts'
import { createAppFinder, type LiveToken } from './app-find.ts'
import { createAppIssuer } from './app-issue.ts'
import { refreshApp, type NotRefreshed } from './app-refresh.ts'
import { toApp } from './app-row.ts'
import type { AccessTokens, Refreshed, TokenSetting } from './app-types.ts'
import type { Actor } from '../types.ts'
import { createRefreshTexts, readRefresh } from './refresh-text.ts'
import { createSigningKeys } from './signing-keys.ts'

interface Setting {
  /** Through which all of accounts writes. */
  readonly database: AccountsDatabase
  /** The same, for what changes nothing that was found. */
  readonly quietDatabase: AccountsDatabase
  readonly keys: Pick<KeyRing, 'sign' | 'verify' | 'seal' | 'open'>
  readonly tokens: TokenSetting
  readonly lengths: SessionLengths
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly cache: FoundCache<LiveToken>
  readonly emit: Emit
  readonly now: () => number
  readonly random: (bytes: number) => string
}

const MOST_LISTED = 200
const REMEMBERED = 7 * 86_400_000

interface Ending {
  readonly reason: 'revoked' | 'ended'
  readonly userId?: string
  readonly actor?: Actor
  readonly x: Parameters<Emit>[1]
}

/** Makes the service. */
export function createAccessTokens(setting: Setting): AccessTokens {
  const { database, quietDatabase, tokens, emit, now } = setting
  const { kysely } = database
  const signing = createSigningKeys({ ...setting, ...tokens, database: quietDatabase })
  const texts = createRefreshTexts(setting.keys, setting.random)
  const issue = createAppIssuer(setting)
  const admit = createAppFinder({ ...setting, database: quietDatabase, signing })

  function say({ problem, family }: NotRefreshed, x: Parameters<Emit>[1]): Refreshed {
    const data = { reason: problem, userId: family?.user_id, app: family?.id }
    if (problem !== 'reused') emit({ type: 'authn_token_fail', data }, x)
    else emit({ type: 'authn_token_reuse', level: 'critical', data: { ...data, client: family?.client } }, x)
    return { ok: false, reason: problem }
  }

  /** Ends one family, of this user when one is named; of many at once one does. */
  async function endOne(id: string, { reason, userId, actor, x }: Ending): Promise<boolean> {
    return await act(database, emit, async (tx, tell) => {
      const ended = await tx
        .updateTable('hf_refresh')
        .set({ ended_at: now(), ended_by: reason })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .$if(userId !== undefined, (query) => query.where('user_id', '=', userId!))
        .returning('user_id')
        .executeTakeFirst()
      if (!ended) return false
      await tell(
        { type: 'authn_token_revoked', data: { userId: ended.user_id, app: id, reason, actor: actor && nameOf(actor) } },
        x,
      )
      return true
    })
  }

  /** Whose family a text proves to be of. */
  async function familyOf(text: string): Promise<string | undefined> {
    const sent = readRefresh(text)
    if (sent === undefined) {
      const found = await admit(text, now())
      return found.ok ? found.app.id : undefined
    }
    if (texts.isOurs(sent)) return sent.family
    const row = await kysely.selectFrom('hf_refresh').select('hash').where('id', '=', sent.family).executeTakeFirst()
    return row && equal(row.hash, sent.hash) ? sent.family : undefined
  }

  return {
    admit,

    async begin(input, from) {
      const at = now()
      const key = await signing.current(at)
      const begun = await beginApp({ ...setting, texts }, input, from, at)
      const { took } = begun
      if (took) {
        emit({ type: 'session_ended', data: { userId: took.user_id, session: took.id, reason: 'became-app' } }, from.exchange)
      }
      if ('problem' in begun) return { ok: false, reason: begun.problem }
      const { id, user_id: userId, client, audience, tenant_id: tenant } = begun.row
      const data = { userId, app: id, client, audience, ...(tenant !== null && { tenant }) }
      emit({ type: 'authn_token_created', data }, from.exchange)
      return await issue(key, begun, at)
    },

    async refresh(text, from) {
      const at = now()
      const sent = readRefresh(text)
      if (sent === undefined) return say({ problem: 'malformed' }, from.exchange)
      const key = await signing.current(at)
      const decided = await refreshApp({ ...setting, texts }, sent, from, at)
      return 'problem' in decided ? say(decided, from.exchange) : await issue(key, decided, at)
    },

    async revoke(text, x) {
      const id = await familyOf(text)
      return id === undefined ? false : await endOne(id, { reason: 'revoked', x })
    },

    async list(userId, at) {
      const rows = await kysely
        .selectFrom('hf_refresh')
        .selectAll()
        .where('user_id', '=', readId(userId))
        .where('ended_at', 'is', null)
        .orderBy('seen_at', 'desc')
        .limit(MOST_LISTED)
        .execute()
      return rows.map((row) => toApp(row, tokens)).filter(({ expiresAt }) => expiresAt > at)
    },

    async end(id, appId, actor, x) {
      return await endOne(readId(appId), { reason: 'ended', userId: readId(id), actor, x })
    },

    published: (at) => signing.published(at),
    signingKeys: (at) => signing.list(at),
    rotateKey: (actor, { revoke } = {}) => signing.rotate(actor, { revoke }),

    async sweep(at) {
      const long = at - REMEMBERED
      const gone = await quietDatabase.kysely
        .deleteFrom('hf_refresh')
        .where((eb) => eb.or([eb('ended_at', '<', long), eb('expires_at', '<', long), eb('seen_at', '<', long - tokens.idle)]))
        .executeTakeFirst()
      return Number(gone.numDeletedRows) + (await signing.sweep(at))
    },
  }
}
