/** What the two pages of a provider share: where they are, and how they say that nothing came of it. */
import type { Actor } from '../../../accounts/types.ts'
import { nonceOf, sentForm } from '../../../console/form.ts'
import { onwardPage, providerProblemPage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { invalid } from '../../../engine/options.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { hint } from '../../../engine/suggest.ts'
import type { CurrentSession } from '../../session/slot.ts'
import type { Desk } from '../desk.ts'
import type { BaseOptions } from '../options.ts'
import type { Departures } from '../providers/departures.ts'
import type { Flows, Purpose } from '../providers/flows.ts'
import type { Provider, ProviderClient } from '../providers/provider.ts'

export interface ProviderDesk extends Desk {
  /** Of the provider. */
  readonly id: string
  readonly provider: Provider
  readonly flows: Flows
  readonly departures: Departures
  readonly client: ProviderClient
}

/** Why nothing came of it, for people: a code for programs, a status, and words. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly title: string
  /** `label` stands for the provider. */
  words(label: string): string
}

/** Where the provider says that somebody signed out there: its `backchannel_logout_uri`. */
export function logoutPath(options: Pick<BaseOptions, 'path'>, id: string): string {
  return `${startPath(options, id)}/logout`
}

/** Where the provider sends people back who signed out there, too: its `post_logout_redirect_uri`. */
export function signedOutPath(options: Pick<BaseOptions, 'path'>, id: string): string {
  return `${startPath(options, id)}/signed-out`
}

/** How new a proof must be for what outlives the session, in milliseconds. */
const RECENT = 600_000

export const PROBLEMS = {
  unavailable: {
    status: 503,
    code: 'provider-unavailable',
    title: 'Not possible at the moment',
    words: (label) => `${label} does not answer. Try again in a few minutes, or sign in another way.`,
  },
  cancelled: {
    status: 401,
    code: 'provider-cancelled',
    title: 'You did not sign in',
    words: (label) => `You did not sign in with ${label}, or did not allow it to say who you are.`,
  },
  refused: {
    status: 401,
    code: 'provider-refused',
    title: 'That did not work',
    words: (label) => `What ${label} answered cannot be used. Try again; if it happens again, tell the people who run this site.`,
  },
  flow: {
    status: 400,
    code: 'sign-in-expired',
    title: 'Begin again',
    words: (label) => `This sign-in with ${label} did not begin in this browser, was used already, or took too long.`,
  },
  unknown: {
    status: 401,
    code: 'identity-unknown',
    title: 'Nobody here has this account',
    words: (label) =>
      `This account of ${label} is linked to nobody here. Sign in as usual, then link it on the pages of your account.`,
  },
  address: {
    status: 409,
    code: 'address-taken',
    title: 'There is an account already',
    words: (label) =>
      `There is an account with the address that ${label} gave. Sign in to it as usual, then link ${label} to it.`,
  },
  denied: {
    status: 401,
    code: 'sign-in-failed',
    title: 'That did not work',
    words: (label) => `You could not be signed in with ${label}.`,
  },
  other: {
    status: 401,
    code: 'identity-other',
    title: 'This is another account',
    words: (label) => `The account of ${label} is not the one that is linked to you, or ${label} did not ask who you are.`,
  },
  taken: {
    status: 409,
    code: 'identity-taken',
    title: 'It is linked already',
    words: (label) => `This account of ${label} is linked to somebody else here.`,
  },
} as const satisfies Record<string, Problem>

export function startPath({ path }: Pick<BaseOptions, 'path'>, id: string): string {
  return `${path}/with/${id}`
}

export function callbackPath(base: Pick<BaseOptions, 'path'>, id: string): string {
  return `${startPath(base, id)}/callback`
}

/** Throws HF_OPTION_INVALID for a role that nobody can have. */
export function checkRoles(id: string, roles: readonly string[], known: Readonly<Record<string, unknown>>): void {
  const unknown = roles.find((role) => !Object.hasOwn(known, role))
  if (unknown !== undefined) invalid(`A role of signIn.providers.${id}`, unknown, hint(unknown, Object.keys(known)))
}

/** Says that nothing came of it, to a person or a program. */
export function failed({ provider: { label }, options }: ProviderDesk, x: Exchange, problem: Problem, purpose: Purpose): Reply {
  const { status, code, title, words } = problem
  if (sentForm(x).json) return deny(status, code)
  const [to, way] =
    purpose === 'sign-in' ? [options.path, 'Go to the sign-in page'] : [options.identitiesPath, 'Go to your account']
  x.head.set('cache-control', 'no-store')
  return page(providerProblemPage({ nonce: nonceOf(x), brand: options.brand, title, words: words(label), to, way }), status)
}

/** A page that goes on by itself: to somewhere that a redirect from here would not reach as it should. */
export function onward(
  { options: { brand } }: Desk,
  x: Exchange,
  to: string,
  texts: { title: string; words: string; way: string },
): Reply {
  x.head.set('cache-control', 'no-store')
  const reply = page(onwardPage({ nonce: nonceOf(x), brand, to, ...texts }))
  return { ...reply, head: { ...reply.head, refresh: `0;url=${to}` } }
}

/** Whether the proof is recent enough for what outlives the session. */
export function isRecent(x: Exchange, { principal }: CurrentSession): boolean {
  return x.time - principal.provedAt <= RECENT
}

export function actorOf({ principal: { id } }: CurrentSession): Actor {
  return { kind: 'user', id }
}
