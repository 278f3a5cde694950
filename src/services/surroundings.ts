/** What responses must know of the application, read off its options. */
import { readContainmentOptions } from '../controls/containment/options.ts'
import { readNetworks } from '../controls/client/trust.ts'
import { controls } from '../controls/index.ts'
import { rateLimitOptions } from '../controls/rate-limit/options.ts'
import { configurationHash, type Surroundings } from '../recorded/surroundings.ts'
import type { SetUp } from '../settings/set-up.ts'

export function surroundingsOf({ given, plan, site, signIn, recorded, incidents, now }: SetUp): Surroundings {
  const own = readContainmentOptions(ofControl(given.containment))
  const { trustedProxies = [] } = ofControl(given.client) ?? {}
  const off = ['containment', 'restrictions'].some((name) => plan.off.has(name))
  return {
    site: site.origin,
    proxies: readNetworks('client.trustedProxies', trustedProxies).map(({ text }) => text),
    own: own.own.map(({ text }) => text),
    doors: signIn?.pages.map(({ path }) => path) ?? [],
    spared: own.spared,
    features: Object.fromEntries(own.features),
    limits: plan.off.has('rateLimit') ? [] : [...rateLimitOptions(ofControl(given.rateLimit)).named.keys()],
    open: recorded.lines.filter((line) => line.public === true).map(({ path, by }) => `${path} (${by})`),
    enforced: !off,
    automaticPerHour: own.automaticPerHour,
    keepIncidents: incidents.keep,
    hash: configurationHash(given),
    controls: controls.map(({ name }) => name).filter((name) => !plan.off.has(name)),
    startedAt: now(),
  }
}

/** The options of a control, if it is on. */
function ofControl<T>(input: T): Exclude<T, false | { readonly insecureOff: unknown }> | undefined {
  if (typeof input !== 'object' || input === null || 'insecureOff' in input) return undefined
  return input as Exclude<T, false | { readonly insecureOff: unknown }>
}
