/**
 * The door of the link in a letter. It opens once, in the browser that asked for it, to the owner of a verified address, and to nobody
 * past a second factor. Unknown, disabled, without an address, flooded: the same queries, the same answer, the same cookie.
 * Sources: OWASP ASVS 5.0 6.3.8, 6.6.2, 6.6.3; OWASP Authentication Cheat Sheet; GHSA-hc7v-rggr-4hvx, CVE-2024-39329; L01, L25, L76.
 */
import { sha256 } from '../../crypto/hash.ts'
import { equal } from '../../crypto/equal.ts'
import type { GivenProof } from '../gate.ts'
import type { Link } from '../mail/links.ts'
import type { MagicLinkDoor } from '../mail/door-types.ts'
import { newToken } from '../sessions/token.ts'
import type { SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'magic-link'
const DENIED: SignIn = { ok: false, reason: 'denied' }

/** Opens the door. */
export function magicLinkDoor(setting: DoorSetting): MagicLinkDoor {
  const { database, mailboxes, links, post, throttle, gate, random, emit, now } = setting

  /** The link, and whether this browser asked for it. A token that is none of ours costs one query, as every other. */
  async function find(token: string, browser: string | undefined) {
    const link = await links.read(NAME, token)
    const bound = textOf(link, 'browser')
    return { link, here: bound !== '' && equal(bound, sha256(browser ?? '')) }
  }

  return {
    async ask({ name, life, next }, from) {
      const meant = await mailboxes.meantBy(NAME, name, from)
      if (!meant.ok) return meant
      const { mailbox } = meant
      const { token: browser, hash } = newToken(random)
      await database.transaction(async (tx) => {
        const data = { browser: hash, next, mark: mailbox?.mark ?? '' }
        const bound = { userId: mailbox?.userId, address: mailbox?.address, data }
        const token = await links.issue(tx, { purpose: NAME, life, ...bound })
        const minutes = String(Math.ceil(life / 60_000))
        await post.write(tx, NAME, mailbox?.address, { link: post.linkTo(NAME, token), minutes })
      })
      if (mailbox) {
        emit({ type: 'authn_link_sent', data: { userId: mailbox.userId, door: NAME, to: mailbox.to } }, from.exchange)
      }
      return { ok: true, browser }
    },

    async look(token, browser) {
      const { link, here } = await find(token, browser)
      if (link?.userId === undefined) return { state: 'void' }
      return here ? { state: 'ready', next: textOf(link, 'next') } : { state: 'elsewhere' }
    },

    async signIn({ token, browser, replaces }, from) {
      const admission = await throttle.admit(NAME, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { link, here } = await find(token, browser)
      const { userId, address } = link ?? {}
      if (userId === undefined || address === undefined || !here) {
        await admission.attempt.fail(userId)
        return userId === undefined ? DENIED : { ok: false, reason: 'elsewhere' }
      }
      const mark = textOf(link, 'mark')
      const proof: GivenProof = { door: NAME, amr: 'email', at: now(), credential: { kind: 'mailbox', address } }
      const passed = await gate.complete(
        {
          ...{ userId, from, replaces, attempt: { ...admission.attempt, mark } },
          // In the gate's own transaction: of many with the same link one comes through, also when a second factor is still to come (L14).
          spend: async (tx) => (await links.consume(tx, NAME, token)) !== undefined,
        },
        [proof],
      )
      if (passed.ok) await throttle.welcome(mark, from)
      return passed
    },
  }
}

function textOf(link: Link | undefined, name: string): string {
  const value = link?.data[name]
  return typeof value === 'string' ? value : ''
}
