/**
 * Browsers that remember somebody, as their owner sees them: begun where they asked for it, listed, ended.
 * Sources: OWASP ASVS 5.0 7.4.3 to 7.5.2; OWASP Multifactor Authentication Cheat Sheet ("remembering a browser"); L110.
 */
import type { Emit } from '../../engine/events.ts'
import { nameOf, readId } from '../ids.ts'
import { isSealed } from '../break-glass/seals.ts'
import { readLive } from '../sessions/live.ts'
import { isSecondStep } from '../proof-strength.ts'
import type { AccountsDatabase, AccountsTransaction, BrowserRow } from '../schema.ts'
import { readProofs, type SessionLengths } from '../sessions/row.ts'
import { hashOfToken } from '../sessions/token.ts'
import { findBrowser, insertBrowser } from './tokens.ts'
import type { Browser, BrowserKind, BrowserLives, Browsers } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly lives: BrowserLives
  readonly lengths: SessionLengths
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

/** Nobody has more browsers; the oldest makes room. */
const MOST = 20
/** How new the second factor must be in whose session a browser becomes trusted, in milliseconds. */
const JUST_NOW = 300_000

/** Makes the service. */
export function createBrowsers({ database, lives, lengths, random, emit, now }: Setting): Browsers {
  const { kysely } = database

  return {
    lives,

    async begin(kind, session, from) {
      const [life, at] = [lives[kind], now()]
      if (life === undefined) return undefined
      const begun = await database.transaction(async (tx) => {
        const row = (await readLive(tx, database, session.reveal(), { now: at, lengths }))?.row
        // The sealed account is remembered nowhere.
        if (!row || isSealed({ amr: readProofs(row.proofs).map(({ amr }) => amr) })) return undefined
        if (kind === 'trust' && !gaveSecondStep(row.proofs, at)) return undefined
        const userId = row.user_id
        await makeRoom(tx, userId, kind)
        const { id, token } = await insertBrowser(tx, random, { kind, userId, from, now: at, life })
        if (kind === 'remember') {
          if (row.browser_id !== null) await tx.deleteFrom('hf_browsers').where('id', '=', row.browser_id).execute()
          await tx.updateTable('hf_sessions').set({ browser_id: id }).where('hash', '=', row.hash).execute()
        }
        return { userId, id, token }
      })
      if (!begun) return undefined
      emit({ type: 'authn_browser_remembered', data: { userId: begun.userId, browser: begun.id, kind } }, from.exchange)
      return begun.token
    },

    async list(userId, at) {
      const rows = await kysely
        .selectFrom('hf_browsers')
        .selectAll()
        .where('user_id', '=', readId(userId))
        .where('expires_at', '>', at)
        .orderBy('used_at', 'desc')
        .execute()
      return rows.map(toBrowser)
    },

    async end(id, browser, actor, x) {
      const userId = readId(id)
      const ended = await kysely
        .deleteFrom('hf_browsers')
        .where('user_id', '=', userId)
        .where('id', '=', readId(browser))
        .returning('kind')
        .executeTakeFirst()
      if (ended) {
        emit({ type: 'authn_browser_forgotten', data: { userId, browser, kind: ended.kind, actor: nameOf(actor) } }, x)
      }
      return ended !== undefined
    },

    async endByToken(kind, token, x) {
      const hash = hashOfToken(token)
      const found = hash === undefined ? undefined : await findBrowser(kysely, kind, hash)
      if (!found) return false
      await kysely.deleteFrom('hf_browsers').where('id', '=', found.id).execute()
      emit({ type: 'authn_browser_forgotten', data: { userId: found.user_id, browser: found.id, kind } }, x)
      return true
    },

    async sweep(at) {
      const { numDeletedRows } = await kysely.deleteFrom('hf_browsers').where('expires_at', '<=', at).executeTakeFirst()
      return Number(numDeletedRows)
    },
  }
}

function gaveSecondStep(proofs: string, now: number): boolean {
  return readProofs(proofs).some((proof) => isSecondStep(proof) && now - proof.at <= JUST_NOW)
}

async function makeRoom(tx: AccountsTransaction, userId: string, kind: BrowserKind): Promise<void> {
  const rows = await tx
    .selectFrom('hf_browsers')
    .select('id')
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .orderBy('used_at', 'desc')
    .execute()
  const over = rows.slice(MOST - 1).map(({ id }) => id)
  if (over.length > 0) await tx.deleteFrom('hf_browsers').where('id', 'in', over).execute()
}

function toBrowser(row: BrowserRow): Browser {
  const { id, kind, address } = row
  const times = { createdAt: row.created_at, usedAt: row.used_at, expiresAt: row.expires_at }
  return { id, kind, address, userAgent: row.user_agent, ...times }
}
