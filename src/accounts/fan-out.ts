/**
 * What happened, and which sessions, links and API keys end, or get a new token, because of it. The one table; whoever changes a user asks it.
 * Sources: OWASP ASVS 5.0 7.4.2 (disabled), 7.4.3 (credential changed), 7.2.4 (privileges changed); attack A95, lesson L36.
 */
import type { Expression } from 'kysely'
import { endBrowsers, type BrowserEffect } from './browsers/end-browsers.ts'
import type { LinkPurpose } from './mail/links.ts'
import { DOUBTED_BEFORE, removeAdded } from './profile/added.ts'
import { note, type Notice } from './profile/note.ts'
import type { AccountsTransaction } from './schema.ts'
import { endApps } from './tokens/end-apps.ts'

/** `renew`: it lives on, and its token is replaced at the next request. */
type Effect = 'end' | 'renew' | 'keep'
/** `end-family`: those that one browser opened, by remembering. */
type Others = Effect | 'end-family'

interface Row {
  /** The session in which it was done, when the user did it themselves. */
  readonly own: Effect
  readonly others: Others
  /** API keys of the user; kept where nothing is said. See `tokens/end-keys.ts`. */
  readonly keys?: 'end'
  /** Apps that are signed in for the user, with all their tokens: other sessions, unless something else is said. @default `others` */
  readonly apps?: Effect
  /** API keys and apps that act in the tenant it is about; kept where nothing is said. See `tokens/end-in-tenant.ts`. */
  readonly tenantKeys?: 'end' | 'end-beyond'
  readonly tenantApps?: 'end'
  /** Links of letters; kept where nothing is said. */
  readonly links?: 'all' | readonly LinkPurpose[]
  /** A delayed recovery of the second factor; it goes on where nothing is said. See `recovery/delayed.ts`. */
  readonly recovery?: 'end'
  /** Browsers that keep the user signed in, and those that ask for no second factor; kept where nothing is said. */
  readonly remember?: BrowserEffect
  readonly trust?: 'end'
  /** Ways in, factors and approvals of lately: see `profile/added.ts`; kept where nothing is said. */
  readonly added?: 'remove'
  /** What the owner is told in a letter; nothing where nothing is said. See `profile/note.ts`. */
  readonly tells?: Notice
}

/**
 * Links that open an account, or change who can. By those that are not here its owner takes something back: whoever got in
 * must not be able to end them.
 */
const OPENING = ['magic-link', 'recover', 'verify-address', 'change-address', 'unlock'] as const satisfies readonly LinkPurpose[]
/** What belongs to a delayed recovery ends with it. */
const OF_RECOVERY = ['cancel-recovery', 'remove-factors'] as const satisfies readonly LinkPurpose[]

/** Browsers that were told to remember somebody, or to ask for no second factor. */
const BROWSERS = { remember: 'end', trust: 'end' } as const

/** The table. `ended-all` is the user or an operator who asks for it. */
export const FAN_OUT = {
  'password-set': { own: 'renew', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS, tells: 'password-set' },
  // By a link of a letter, so there is no session of one's own. A delayed recovery goes on: who lost both needs both.
  'password-recovered': { own: 'end', others: 'end', links: OPENING, ...BROWSERS, tells: 'password-recovered' },
  // By an operator, because somebody else may know it. Its owner chooses another one by a letter.
  'password-void': {
    ...{ own: 'end', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS },
    tells: 'password-void',
  },
  'roles-changed': { own: 'renew', others: 'renew' },
  // What they may in a tenant changed, or ended. Whoever takes a role away there cannot see the keys that were made with it.
  'tenant-roles-changed': { own: 'renew', others: 'renew', tenantKeys: 'end-beyond' },
  'tenant-left': { own: 'renew', others: 'renew', tenantKeys: 'end', tenantApps: 'end' },
  'user-disabled': { own: 'end', others: 'end', keys: 'end', links: 'all', recovery: 'end', ...BROWSERS },
  // Its owner can still say that it was not them, and take an address back.
  'deletion-asked': { own: 'end', others: 'end', keys: 'end', links: OPENING, recovery: 'end', ...BROWSERS },
  'user-enabled': { own: 'keep', others: 'keep' },
  // The enrolling session gets its new token from the gate, with the proof of the factor. The others were of one factor (L08).
  'factor-enrolled': { own: 'keep', others: 'end', recovery: 'end', ...BROWSERS, tells: 'factor-enrolled' },
  // It is not lost.
  'factor-used': { own: 'keep', others: 'keep', recovery: 'end' },
  'factor-removed': { own: 'renew', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS, tells: 'factor-removed' },
  // Whoever needs a recovery code has lost something, and perhaps somebody has found it.
  'recovery-code-used': {
    ...{ own: 'keep', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS },
    tells: 'recovery-code-used',
  },
  'factors-reset': { own: 'end', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS, tells: 'factors-reset' },
  // A link that went to the address before must open nothing any more (L36). Its owner can still take the change back.
  'address-changed': { own: 'renew', others: 'end', links: OPENING, recovery: 'end', ...BROWSERS },
  'ended-all': { own: 'keep', others: 'end', remember: 'end-others', trust: 'end' },
  // A token that a browser had replaced was used again: somebody has a copy of its cookie.
  'remember-reused': { own: 'keep', others: 'end-family', remember: 'end-family', trust: 'end', tells: 'remember-reused' },
  // The owner says of a notice that it was somebody else.
  'not-me': { own: 'end', others: 'end', keys: 'end', links: OPENING, recovery: 'end', ...BROWSERS, added: 'remove' },
  // The one who had the address before takes it back. Whoever had it in between cannot do the same.
  'address-undone': {
    ...{ own: 'end', others: 'end', keys: 'end', recovery: 'end', ...BROWSERS, added: 'remove' },
    links: [...OPENING, 'undo-address', 'not-me'],
  },
  // A further way in takes none away.
  'identity-linked': { own: 'keep', others: 'keep', tells: 'identity-linked' },
  // Whoever came in by it may be the reason why it is unlinked.
  'identity-unlinked': { own: 'renew', others: 'end', links: OPENING, ...BROWSERS, tells: 'identity-unlinked' },
} as const satisfies Record<string, Row>

export type Happening = keyof typeof FAN_OUT

/** Public ids of the sessions that ended, and of the apps. */
export type Ended = readonly string[]

interface When {
  /** Public id of the session in which it was done. */
  readonly own?: string | undefined
  /** Id of the browser that it is about. */
  readonly family?: string | undefined
  /** When that happened which the owner takes back. @default now */
  readonly happened?: number | undefined
  readonly now: number
}

/** Does what the table says, in the transaction of the change itself. The user's row is locked before; see `lock.ts`. */
export async function fanOut(
  tx: AccountsTransaction,
  happening: Happening,
  userId: string,
  { own, family, happened, now }: When,
): Promise<Ended> {
  const row: Row = FAN_OUT[happening]
  if (row.own === 'renew' || row.others === 'renew' || row.apps === 'renew') {
    await tx
      .updateTable('hf_users')
      .set((eb) => ({ epoch: eb('epoch', '+', 1) as Expression<number> }))
      .where('id', '=', userId)
      .execute()
  }
  if (row.tells) await note(tx, { userId, about: row.tells, now })
  if (row.added) await removeAdded(tx, userId, { since: (happened ?? now) - DOUBTED_BEFORE, now })
  await endLinks(tx, row, userId)
  await endBrowsers(tx, { userId, kind: 'remember', effect: row.remember, own, family })
  await endBrowsers(tx, { userId, kind: 'trust', effect: row.trust })
  // What `renew` asks of the apps follows from the epoch alone: their access tokens are void, and they refresh.
  const apps = (row.apps ?? row.others) === 'end' ? await endApps(tx, { userId, by: happening, now }) : []
  const ofFamily = row.others === 'end-family'
  if (row.others !== 'end' && (!ofFamily || family === undefined)) return apps
  const spared = row.own === 'end' ? undefined : own
  const ended = await tx
    .updateTable('hf_sessions')
    .set({ ended_at: now, ended_by: happening })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(ofFamily, (query) => query.where('browser_id', '=', family!))
    .$if(spared !== undefined, (query) => query.where('id', '<>', spared!))
    .returning('id')
    .execute()
  return [...ended.map(({ id }) => id), ...apps]
}

async function endLinks(tx: AccountsTransaction, { links, recovery }: Row, userId: string): Promise<void> {
  if (recovery === 'end') await tx.deleteFrom('hf_recoveries').where('user_id', '=', userId).execute()
  const purposes = [
    ...(Array.isArray(links) ? (links as readonly LinkPurpose[]) : []),
    ...(recovery === 'end' ? OF_RECOVERY : []),
  ]
  if (links !== 'all' && purposes.length === 0) return
  await tx
    .deleteFrom('hf_links')
    .where('user_id', '=', userId)
    .$if(links !== 'all', (query) => query.where('purpose', 'in', purposes))
    .execute()
  // A code of a letter opens what a link of a letter does.
  if (links === 'all' || purposes.includes('magic-link')) {
    await tx.deleteFrom('hf_mail_codes').where('user_id', '=', userId).execute()
  }
}
