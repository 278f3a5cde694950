/** What a door of the web is: a few pages and what their forms do. A new one is a file of this shape and a line in `index.ts`. */
import type { LinkPurpose } from '../../../accounts/mail/links.ts'
import type { FactorKind } from '../../../accounts/types.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import type { Reply } from '../../../engine/reply.ts'
import type { SafeHtml } from '../../../html/html.ts'
import type { Operation } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import type { Desk, WayOut } from '../desk.ts'
import type { BaseOptions, SignInInput } from '../options.ts'

/** One page: what it shows (GET, HEAD), and what its form does (POST). */
export interface Page {
  show?(x: Exchange): Reply | Promise<Reply>
  act?(x: Exchange): Reply | Promise<Reply>
}

/** Where a page is. */
export interface DoorPath {
  readonly path: string
  /** Whether it is there for people who are not signed in, too. */
  readonly open: boolean
  /** Where work may be asked for before the form is looked at: the field that names the account, `''` where none does. @default never */
  readonly challenged?: string
  /** The links of mails that lead to it, with `?token=`. */
  readonly link?: LinkPurpose
  /** Whether its POST is sent by pages of other sites: it acts on nothing that a browser adds by itself, so `csrf` lets it through. */
  readonly fromOthers?: true
}

/** A door that was opened. */
export interface OpenDoor {
  /** Its pages, by path: exactly those of `paths`. */
  readonly pages: Readonly<Record<string, Page>>
  /** What the sign-in page shows of it, under the form of the password: a link, or a form of its own. `next` is checked. */
  offer?(x: Exchange, next: string | undefined): SafeHtml | readonly SafeHtml[] | undefined
  /** Where this session goes on to when it ends by its owner's hand; nothing where it stays here. */
  wayOut?(session: CurrentSession): Promise<WayOut | undefined>
  /** Whether somebody who is signed in may come in by it anew, in place of the password that a route asks for once more. @default false */
  readonly provesAgain?: boolean
  /** What the page that asks again who is signed in shows of it, to who can prove it by it. */
  offerAgain?(x: Exchange, next: string | undefined): Promise<readonly SafeHtml[]>
  /** The same at the page of the second step. `kinds`: what the one it is asked of can prove with. */
  offerSecond?(
    x: Exchange,
    next: string | undefined,
    kinds: readonly FactorKind[],
  ): SafeHtml | undefined | Promise<SafeHtml | undefined>
}

export interface WebDoor<Options = any> {
  /** Its own options in `signIn`, or the word for it. */
  readonly name: string
  /** Reads its options at start-up and refuses nonsense (HF_OPTION_INVALID); `undefined` when it is off. `base.mail`: whether letters are sent. */
  read(input: SignInInput, base: BaseOptions): Options | undefined
  /** Its pages. */
  paths(options: Options, base: BaseOptions): readonly DoorPath[]
  /** What programs may do at it, for the description of the API. */
  operations?(options: Options, base: BaseOptions): readonly Operation[]
  start(desk: Desk, options: Options): OpenDoor
}

/** Keeps the types of one door together. */
export function defineDoor<Options>(door: WebDoor<Options>): WebDoor<Options> {
  return door
}
