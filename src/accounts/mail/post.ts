/** How accounts write letters: in the transaction of what they tell, through the outbox. */
import type { Outbox } from '../../store/outbox.ts'
import type { LetterData, LetterName, Posted } from '../letters/index.ts'
import type { LinkPurpose } from './links.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { AccountsTransaction } from '../schema.ts'

/** Writes letters. Without mail nothing is written: doors that cannot do without are refused at start-up. */
export interface Post {
  /** Whether letters are sent at all. */
  readonly sends: boolean
  /**
   * `to` is an address that is stored, or that a link is bound to; never what somebody typed beside it. `undefined` is nobody: the same
   * work, and nothing is put down, so that nobody learns from an answer whether somebody is written to.
   */
  write<Name extends LetterName>(
    tx: AccountsTransaction,
    letter: Name,
    to: string | undefined,
    data: LetterData<Name>,
  ): Promise<void>
  /** Whether there is a page for the links of this purpose. */
  takes(purpose: LinkPurpose): boolean
  /** The address of the page of a purpose, with the token behind it. */
  linkTo(purpose: LinkPurpose, token: Secret): string
  /** The address of the page where approvals are given; where one signs in, when there is none. */
  readonly approvalsPage: string
  /** The address of the page where one signs in. */
  readonly signInPage: string
}

/** Where links lead. From the configured origin alone (CVE-2025-64101). */
export interface LinkTargets {
  readonly origin: string
  readonly paths: Readonly<Partial<Record<LinkPurpose, string>>>
  /** Path of the page where one signs in. @default '/' */
  readonly signIn?: string | undefined
  /** Path of the page where approvals are given. @default that of `signIn` */
  readonly approvals?: string | undefined
}

export const MAIL_CHANNEL = 'mail'

/** Makes it. `outbox` is absent where there is no mail. */
export function createPost(outbox: Outbox | undefined, { origin, paths, signIn = '/', approvals = signIn }: LinkTargets): Post {
  return {
    sends: outbox !== undefined,
    signInPage: `${origin}${signIn}`,
    approvalsPage: `${origin}${approvals}`,
    async write(tx, letter, to, data) {
      const posted: Posted = { letter, to: to ?? '', data }
      if (to === undefined) await outbox?.feign(tx, MAIL_CHANNEL, JSON.stringify(posted))
      else await outbox?.add(tx, MAIL_CHANNEL, JSON.stringify(posted))
    },
    takes: (purpose) => paths[purpose] !== undefined,
    linkTo(purpose, token) {
      const path = paths[purpose]
      if (path === undefined) throw new Error(`No page takes links of the purpose ${purpose}.`)
      return `${origin}${path}?token=${token.reveal()}`
    },
  }
}
