/**
 * The kit's own pages for those who are signed in: their sessions, second factors, keys, and what else stands in the list of desks.
 * Source: OWASP ASVS 5.0, 7.4 and 7.5; OWASP Session Management Cheat Sheet.
 */
import { isSealed } from '../../accounts/break-glass/seals.ts'
import { Accounts } from '../../accounts/types.ts'
import { SignOutPath, StopActing } from '../../console/banner.ts'
import { timeText } from '../../console/time.ts'
import { pageFacts } from '../../console/form.ts'
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { isSafeMethod } from '../../http/method.ts'
import { Session } from '../session/slot.ts'
import type { DeskSetting } from './desks/desk.ts'
import { desks } from './desks/index.ts'
import { readConsoleOptions } from './options.ts'

export type { ConsoleOptions } from './options.ts'

const NOBODY = deny(401, 'sign-in-required')
/** These pages are for people: what a program may do here, whoever stole its key could undo. */
const LOOK_ONLY = deny(403, 'impersonation-read-only')
const OWN_ALONE = deny(403, 'impersonation-own-alone')
/** The sealed account gets no ways in of its own, and is nobody's second person. */
const SEALED = deny(403, 'break-glass-closed')
const SEALED_PLACES: readonly string[] = ['sessions', 'api']
const INTERACTIVE = deny(403, 'interactive-required', { reason: 'a key on a page for people' })

export const consolePages = defineControl({
  name: 'console',
  needs: [Session],
  options: readConsoleOptions,
  operations: (options) => desks.flatMap((desk) => (desk.at(options) ? (desk.operations?.(options) ?? []) : [])),
  start(setting) {
    const { options, emit } = setting
    const { brand } = options
    const places = desks.flatMap((desk) => {
      const at = desk.at(options)
      return at ? [{ ...at, desk }] : []
    })
    const nav = places.flatMap(({ desk: { name }, path, label }) => (label === undefined ? [] : [{ name, path, label }]))
    const paths = { signOut: options.signOutPath, ...Object.fromEntries(places.map(({ desk, path }) => [desk.name, path])) }
    const deskSetting: DeskSetting = {
      options,
      accounts: setting.use(Accounts),
      emit,
      setting,
      facts(x, { principal, session }) {
        const notice = isSealed(principal) ? `This is the sealed account, until ${timeText(session.expiresAt)}.` : undefined
        return { ...pageFacts(x), base: '', paths, nav, brand, login: principal.login, notice }
      },
    }
    const open = places.map(({ desk, path }) => ({ name: desk.name, path, below: `${path}/`, serve: desk.start(deskSetting) }))

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      const place = x.path.startsWith(options.path)
        ? open.find(({ path, below }) => x.path === path || x.path.startsWith(below))
        : undefined
      const by = x.get(Principal)?.impersonatedBy
      if (by !== undefined) x.set(StopActing, `${options.path}/impersonation/stop`)
      if (by !== undefined && place?.name !== 'impersonation') {
        const refusal = refuseActing(x, by, place !== undefined)
        if (refusal) emit({ type: 'authz_fail', data: { code: refusal.denial?.code } }, x)
        if (refusal) return refusal
      }
      const principal = x.get(Principal)
      if (principal && isSealed(principal)) x.set(SignOutPath, options.signOutPath)
      if (place === undefined) return undefined
      if (principal && isSealed(principal) && !SEALED_PLACES.includes(place.name)) {
        emit({ type: 'authz_fail', data: { code: SEALED.denial?.code } }, x)
        return SEALED
      }
      const current = x.get(Session)
      return current ? place.serve(x, current) : nobody(x)
    }

    return { enter }
  },
})

/** As somebody else one looks, and changes nothing unless the operator said so; one's ways in and out are nobody else's, not even to see. */
function refuseActing(x: Exchange, by: NonNullable<Principal['impersonatedBy']>, isOurs: boolean): Reply | undefined {
  if (isOurs) return OWN_ALONE
  return by.write || isSafeMethod(x.method) ? undefined : LOOK_ONLY
}

function nobody(x: Exchange): Reply {
  return x.get(Principal) ? INTERACTIVE : NOBODY
}
