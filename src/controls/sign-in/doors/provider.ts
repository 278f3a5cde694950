/**
 * The door of other providers: a button that leads there, and the page on which they send people back. It begins by POST alone, so that
 * no page can sign somebody in unasked (CVE-2015-9284); it ends only in the browser in which it began.
 * Sources: OpenID Connect Core 1.0; RFC 9700; OWASP OAuth 2.0 Protocol Cheat Sheet; OWASP ASVS 5.0 chapter 10; L01, L10, L41 to L51.
 */
import { providerButton } from '../../../console/pages/index.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { model } from '../desk.ts'
import { openClient } from '../providers/clients.ts'
import { createDepartures } from '../providers/departures.ts'
import { createFlows } from '../providers/flows.ts'
import type { Provider } from '../providers/provider.ts'
import { readProviders, type Providers } from '../providers/read.ts'
import { defineDoor, type Page } from './door.ts'
import { returning } from './provider-back.ts'
import { leaving } from './provider-out.ts'
import { loggedOut } from './provider-logout.ts'
import { signedOutThere } from './provider-signed-out.ts'
import { callbackPath, checkRoles, logoutPath, signedOutPath, startPath, type ProviderDesk } from './provider-desk.ts'

export const provider = defineDoor<Providers>({
  name: 'provider',
  read({ providers }) {
    if (providers === undefined || Object.keys(providers).length === 0) return undefined
    return readProviders(providers)
  },
  paths: (providers, base) =>
    Object.entries(providers).flatMap(([id, { responseMode, signOutThere }]) => [
      { path: startPath(base, id), open: true },
      { path: logoutPath(base, id), open: true, fromOthers: true as const },
      ...(signOutThere ? [{ path: signedOutPath(base, id), open: true }] : []),
      { path: callbackPath(base, id), open: true, ...(responseMode === 'form_post' && { fromOthers: true }) },
    ]),
  operations: (providers, base) =>
    Object.keys(providers).map((id) => ({
      method: 'post',
      path: startPath(base, id),
      id: `beginWith${id.replaceAll(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())}`,
      what: 'Begins to sign in by another provider, to prove it again (`again`), or to link it (`link`). The way goes on in a browser.',
      as: 'anybody',
      body: objectOf({ purpose: { enum: ['sign-in', 'again', 'link'] }, next: { type: 'string' } }, ['purpose', 'next']),
      answers: {
        200: {
          what: 'Where to send the browser.',
          schema: objectOf({ ok: { const: true }, location: { type: 'string', format: 'uri' } }),
        },
        401: { what: 'It needs somebody who is signed in, and for `link` a recent proof.' },
        503: { what: 'The provider does not answer.' },
      },
    })),
  start(desk, providers) {
    const { options, setting, accounts, emit } = desk
    const [flows, departures] = [createFlows(setting), createDepartures(setting)]
    const desks: readonly ProviderDesk[] = Object.entries(providers).map(([id, one]: [string, Provider]) => {
      checkRoles(id, one.roles, accounts.roles)
      const redirectUri = `${setting.site.origin}${callbackPath(options, id)}`
      const signedOutUri = `${setting.site.origin}${signedOutPath(options, id)}`
      const client = openClient({ id, provider: one, redirectUri, signedOutUri, emit, now: setting.now })
      return { ...desk, id, provider: one, flows, departures, client }
    })
    const pages: Record<string, Page> = {}
    for (const own of desks) {
      pages[startPath(options, own.id)] = leaving(own)
      pages[callbackPath(options, own.id)] = returning(own)
      pages[logoutPath(options, own.id)] = loggedOut(own)
      if (own.provider.signOutThere) pages[signedOutPath(options, own.id)] = signedOutThere(own)
    }

    return {
      pages,
      offer: (x, next) =>
        desks.map(({ id, provider: { label } }) => {
          const { csrf } = model(desk, x)
          return providerButton({ csrf, next, path: startPath(options, id), purpose: 'sign-in', words: `Continue with ${label}` })
        }),
      async wayOut({ session }) {
        const from = desks.some((one) => one.provider.signOutThere) ? await accounts.providerLogouts.cameFrom(session) : undefined
        const id = from && (await departures.waiting(from))
        const found = desks.find((one) => one.id === id && one.provider.signOutThere)
        return from && found && { label: found.provider.label, go: () => departures.begin(from) }
      },
      async offerAgain(x, next) {
        const session = x.get(Session)
        const linked = session ? await accounts.identities.of(session.principal.id) : []
        return desks
          .filter(({ provider: { provesAgain, issuer } }) => provesAgain && linked.some((one) => one.issuer === issuer))
          .map(({ id, provider: { label } }) => {
            const { csrf } = model(desk, x)
            return providerButton({ csrf, next, path: startPath(options, id), purpose: 'again', words: `Confirm with ${label}` })
          })
      },
    }
  },
})
