/**
 * Another address of mail, from both sides: nothing changes before the mail of the new one was read, the one before hears of it before and
 * after, and can take it back for a week. The link is bound to the new address and to the one it replaces, so of two changes at once each
 * confirms its own (L28, L40). An address that is somebody's gets the same answer after the same work (L76). Where the login is the old
 * address it follows. Sources: OWASP ASVS 5.0 6.3.7; OWASP Authentication Cheat Sheet, "Changing A User's Registered Email Address".
 */
import { act } from '../../engine/act.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { addressOf, AddressTaken, ownerOf, readAddress, type MailAddress } from '../addresses/addresses.ts'
import { changeAddress, reportAddress } from '../addresses/change-address.ts'
import { lockUser } from '../lock.ts'
import { closeAccount, happenedAt, reportClosed } from '../profile/close.ts'
import { unlessBusy } from '../busy.ts'
import { stay } from '../profile/leaving.ts'
import { note } from '../profile/note.ts'
import type { AddressMoved, ChangeAddressDoor } from '../profile/types.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'change-address'
const UNDO = 'undo-address'
const LIFE = 3_600_000
const VOID = { ok: false, reason: 'void' } as const
const TAKEN = { ok: false, reason: 'taken' } as const

/** Opens the door. */
export function changeAddressDoor(setting: DoorSetting): ChangeAddressDoor {
  const { database, links, post, names, asks, gate, credentials, emit, now } = setting
  const { dialect } = database

  /** One letter to the address, whoever has it; the link of one that is another's opens nothing. */
  async function write(tx: AccountsTransaction, userId: string, session: string, next: MailAddress): Promise<boolean> {
    const user = await lockUser(tx, dialect, userId)
    if (!user || !gate.admits(user.status) || user.kind !== 'person') return false
    const current = await addressOf(tx, userId)
    const owner = await ownerOf(tx, next)
    const free = owner === undefined || owner.userId === userId
    await links.end(tx, userId, [NAME])
    const data = { from: current?.text ?? '', session }
    const token = await links.issue(tx, {
      purpose: NAME,
      userId: free ? userId : undefined,
      address: next.text,
      data,
      life: LIFE,
    })
    const facts = { link: post.linkTo(NAME, token), login: user.login, minutes: String(LIFE / 60_000) }
    if (free) await post.write(tx, 'change-address', next.text, facts)
    else await post.write(tx, 'address-wanted', owner.text, {})
    if (current?.verifiedAt !== undefined) await note(tx, { userId, about: 'address-asked', now: now() })
    return true
  }

  /** The link holds, its user may come in, and their address is still the one it replaces. */
  async function confirmed(tx: AccountsTransaction, userId: string, token: string) {
    const user = await lockUser(tx, dialect, userId)
    const link = user && (await links.consume(tx, NAME, token))
    const current = await addressOf(tx, userId)
    const next = readAddress(link?.address ?? '')
    if (!user || !gate.admits(user.status) || link?.userId !== userId || !next) return undefined
    if ((current?.text ?? '') !== link.data['from']) return undefined
    const own = String(link.data['session'])
    const changed = await changeAddress(tx, dialect, { userId, address: next, verified: true, own, now: now() })
    if (changed && current) await moveLogin(tx, user, current, next, names)
    return changed && { ...changed, text: next.text }
  }

  return {
    async ask({ userId, session, address }, from) {
      const next = readAddress(address)
      if (!next) return { ok: false, reason: 'invalid' }
      const current = await addressOf(database.kysely, userId)
      if (current?.text === next.text && current.verifiedAt !== undefined) return { ok: false, reason: 'same' }
      const asked = await asks.admit(NAME, names(next.key).mark, from)
      if (!asked.ok) return { ok: false, reason: 'throttled', retryAfter: asked.retryAfter }
      if (!asked.letter) return { ok: true }
      if (!(await database.transaction((tx) => write(tx, userId, session, next)))) return { ok: false, reason: 'denied' }
      emit({ type: 'authn_address_asked', data: { userId } }, from.exchange)
      return { ok: true }
    },

    async read(purpose, token) {
      const link = await links.read(purpose, token)
      if (link?.userId === undefined) return undefined
      const current = await addressOf(database.kysely, link.userId)
      const holds = purpose === UNDO || (current?.text ?? '') === link.data['from']
      return holds ? link.address : undefined
    },

    async confirm(token, from) {
      const userId = (await links.read(NAME, token))?.userId
      if (userId === undefined) return VOID
      return await unlessTaken(async () => {
        const changed = await act(database, emit, async (tx, tell) => {
          const done = await confirmed(tx, userId, token)
          if (done) await reportAddress(tell, userId, done, { actor: { kind: 'user', id: userId }, exchange: from.exchange })
          return done
        })
        if (!changed) return VOID
        return { ok: true, address: changed.text }
      })
    },

    async undo(token, from) {
      const userId = (await links.read(UNDO, token))?.userId
      if (userId === undefined) return VOID
      const unusable = await unlessBusy(credentials.unusable())
      if ('reason' in unusable) return unusable
      return await unlessTaken(async () => {
        const undone = await act(database, emit, async (tx, tell) => {
          const user = await lockUser(tx, dialect, userId)
          const link = user && (await links.consume(tx, UNDO, token))
          const before = readAddress(link?.address ?? '')
          if (!user || !before || link?.userId !== userId) return undefined
          if (!gate.admits(user.status) && !(await stay(tx, userId))) return undefined
          const current = await addressOf(tx, userId)
          const changed = await changeAddress(tx, dialect, {
            userId,
            address: before,
            verified: true,
            undoes: true,
            now: now(),
          })
          if (changed && current) await moveLogin(tx, user, current, before, names)
          const closed = await closeAccount(setting, tx, {
            ...{ userId, why: 'address-undone', unusable },
            happened: happenedAt(link),
          })
          if (!changed) return undefined
          await reportAddress(tell, userId, changed, { actor: { kind: 'user', id: userId }, exchange: from.exchange })
          await reportClosed(tell, userId, 'address-undone', { closed, from })
          return { text: before.text }
        })
        return undone ? { ok: true, address: undone.text } : VOID
      })
    },
  }
}

/** Where one signs in with one's address, the next one takes its place. */
async function moveLogin(
  tx: AccountsTransaction,
  user: { readonly id: string; readonly login_key: string },
  before: MailAddress,
  next: MailAddress,
  names: DoorSetting['names'],
): Promise<void> {
  if (user.login_key !== names(before.text).key) return
  const set = { login: next.text, login_key: names(next.text).key }
  await tx.updateTable('hf_users').set(set).where('id', '=', user.id).execute()
}

async function unlessTaken(work: () => Promise<AddressMoved>): Promise<AddressMoved> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AddressTaken || isUniqueViolation(error)) return TAKEN
    throw error
  }
}
