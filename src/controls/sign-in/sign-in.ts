/**
 * The kit's own doors: sign in, the second factor, prove it again, sign out, and the first administrator. Pages without JavaScript, and JSON.
 * Stops login forms that tell who has an account, that keep a planted session, that send people off to other sites.
 * Source: OWASP Authentication Cheat Sheet; OWASP ASVS 5.0 chapter 6; OWASP Unvalidated Redirects and Forwards Cheat Sheet.
 */
import { isSealed } from '../../accounts/break-glass/seals.ts'
import { Accounts } from '../../accounts/types.ts'
import { browserCookies, knownDeviceCookie } from '../../console/browser-cookies.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { invalid } from '../../engine/options.ts'
import { deny } from '../../engine/reply.ts'
import type { SafeHtml } from '../../html/html.ts'
import { Session } from '../session/slot.ts'
import { describeTokens, tokensInstead } from './as-tokens.ts'
import type { Desk } from './desk.ts'
import { doors } from './doors/index.ts'
import { createEnforcement } from './enforce.ts'
import { createChallenging } from './challenging.ts'
import { createRouteChallenging } from './route-challenge.ts'
import { createKnowing } from './knowing.ts'
import { readSignInOptions, type SignInInput } from './options.ts'
import { checkProviders } from './providers/read.ts'
import { pendingCookie } from './pending-cookie.ts'
import { createRemembering } from './remembering.ts'
import { createVerification } from './verification.ts'

export { startPath } from './doors/provider-desk.ts'
export { partyOf } from './passkey-options.ts'
export { demandsSecondFactor, kitRoutes, readSignInOptions, type SignInInput, type SignInOptions } from './options.ts'

const READ_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD' } })
const WRITE_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'POST' } })
/** Nobody proves, enrols or recovers anything as somebody else. */
const OWN_ALONE = deny(403, 'impersonation-own-alone')
/** What is proved or made here would outlast the hour. */
const SEALED = deny(403, 'break-glass-closed')
const WRONG_METHOD = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD, POST' } })

export const signIn = defineControl({
  name: 'signIn',
  needs: [Session],
  options: (input?: SignInInput) => readSignInOptions(input) ?? invalid('signIn', input, 'Give an object of options.'),
  operations: (options) =>
    doors
      .flatMap(({ name, operations }) =>
        options.doors[name] === undefined ? [] : (operations?.(options.doors[name], options) ?? []),
      )
      .map((operation) => (options.tokens ? describeTokens(operation) : operation)),
  check: ({ providers }) => checkProviders(providers),
  start(setting) {
    const { options, emit } = setting
    const accounts = setting.use(Accounts)
    let closed = false
    /** Once there is a user set-up stays closed, so the database is not asked again. */
    async function setUpIsOpen(): Promise<boolean> {
      if (closed) return false
      const open = await accounts.setUp.open()
      closed = !open
      return open
    }

    const enforcement = createEnforcement(options, accounts, emit)
    const decide = createVerification(options, accounts, emit, (x) => enforcement.decide(x))
    const desk: Desk = {
      options,
      pages: new Set(options.pages.map(({ path }) => path)),
      setting,
      accounts,
      emit,
      waiting: pendingCookie(setting.site),
      cookies: browserCookies(setting.site),
      knownDevice: knownDeviceCookie(setting.site),
      enforcement,
      setUpIsOpen,
      offers: (x, next) => open.flatMap((door) => door.offer?.(x, next) ?? []),
      async offersAgain(x, next) {
        const anew = open.flatMap((door) => (door.provesAgain ? (door.offer?.(x, next) ?? []) : []))
        const again = await Promise.all(open.map(async (door) => await door.offerAgain?.(x, next)))
        return [...anew, ...again.flatMap((offered) => offered ?? [])]
      },
      async wayOut(session) {
        for (const door of open) {
          const way = await door.wayOut?.(session)
          if (way !== undefined) return way
        }
        return undefined
      },
      async secondOffers(x, next, kinds) {
        const offered: SafeHtml[] = []
        for (const door of open) {
          const one = await door.offerSecond?.(x, next, kinds)
          if (one !== undefined) offered.push(one)
        }
        return offered
      },
    }
    const remembering = createRemembering(desk)
    const knowing = createKnowing(desk)
    const challenging = createChallenging(desk, options.pages)
    const routeChallenging = setting.routes.challenges ? createRouteChallenging(desk) : undefined
    const open = doors
      .filter(({ name }) => options.doors[name] !== undefined)
      .map((door) => door.start(desk, options.doors[door.name]))
    const pages = new Map(open.flatMap((door) => Object.entries(door.pages)))
    for (const { path } of options.pages)
      if (!pages.has(path)) throw new Error(`No door of signIn has the page ${path} that one of them announces.`)

    /** Before the handler of a route that asks for it; what is asked of the user comes first. */
    async function challenged(x: Exchange, first: Verdict | Promise<Verdict>): Promise<Verdict> {
      return (await first) ?? (await routeChallenging!.guard(x))
    }

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      knowing.recognise(x)
      routeChallenging?.offer(x)
      const page = pages.get(x.path)
      const acting = x.get(Principal)?.impersonatedBy !== undefined
      // What is asked of the user (a second factor, a verified address) is not asked of who acts as them.
      const principal = x.get(Principal)
      const sealed = principal ? isSealed(principal) : false
      if (page === undefined) {
        const first = acting || sealed ? undefined : decide(x)
        return x.route.challenge ? challenged(x, first) : first
      }
      if (sealed && x.path !== options.signOutPath) {
        emit({ type: 'authz_fail', data: { code: SEALED.denial?.code } }, x)
        return SEALED
      }
      if (acting && x.path !== options.signOutPath) {
        emit({ type: 'authz_fail', data: { code: OWN_ALONE.denial?.code } }, x)
        return OWN_ALONE
      }
      if (x.method === 'GET' || x.method === 'HEAD') return page.show ? challenging.show(x, page.show) : WRITE_ONLY
      if (x.method !== 'POST') return page.show ? WRONG_METHOD : WRITE_ONLY
      return page.act
        ? (tokensInstead(desk, x) ??
            knowing.note(
              x,
              challenging.act(x, page, (asked) => remembering(asked, page.act!)),
            ))
        : READ_ONLY
    }

    return { enter }
  },
})
