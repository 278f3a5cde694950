/**
 * What those who run the application may ask of it: metrics for Prometheus, whether it lives, whether it is ready.
 * Stands before the checks of host and https, since scrapers and probes come by address and in the clear. Stops the inside of the
 * application from being read by everybody: a token, or the very machine; a forwarded address counts for nothing (A258).
 * Sources: OWASP ASVS 5.0 13.4.5 (monitoring endpoints are not exposed), CWE-200, CWE-497; RFC 6750; OpenMetrics 1.0.
 */
import { createSecretKey } from 'node:crypto'
import { equal } from '../../crypto/equal.ts'
import { hmac } from '../../crypto/hmac.ts'
import { defineControl, type Setting, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Encrypted } from '../../engine/facts.ts'
import { checkInsecure } from '../../engine/options.ts'
import { createQuiet } from '../../engine/quiet.ts'
import { answer, deny, type Reply } from '../../engine/reply.ts'
import { Observing, type Observed } from '../../observe/observing.ts'
import { TrustedPeer } from '../client/slot.ts'
import { isThisMachine } from './this-machine.ts'
import { checkObserve, metricsFor, observeOptions, type ObserveInput, type ObserveOptions } from './options.ts'

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
const ALIVE = answer(200, TEXT, 'ok\n')
const READY = answer(200, TEXT, 'ok\n')
const UNAVAILABLE = answer(503, TEXT, 'unavailable\n')
const CHALLENGE = { 'www-authenticate': 'Bearer realm="metrics"' }

/** Who asks: may read, showed a token that is none, showed one in the clear, or showed nothing. */
const ASKERS = ['allowed', 'wrong-token', 'token-in-the-clear', 'nobody'] as const
type Asker = (typeof ASKERS)[number]

export const observe = defineControl<'observe', ObserveInput, ObserveOptions>({
  name: 'observe',
  needs: [Encrypted, TrustedPeer],
  options: observeOptions,
  check: checkObserve,

  start(setting) {
    const { options, site, use, now } = setting
    const { metrics, readiness } = use(Observing)
    const open = metrics && metricsFor(options, site)
    if (open?.insecurePlaintext) checkInsecure('observe.metrics.insecurePlaintext', open.insecurePlaintext, now())
    const askerOf = createAskerOf(setting)
    const scrapes = metrics?.counter({
      name: 'holdfast_scrapes_total',
      help: 'Requests for metrics and details, by whether they were allowed.',
      labels: ['outcome'],
    })

    for (const outcome of ASKERS) scrapes?.add([outcome], 0)

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      if (x.method !== 'GET' && x.method !== 'HEAD') return undefined
      if (x.path === options.health) return ALIVE
      if (x.path === options.ready) return ready(x, readiness, x.search === '?details' && detailed(x))
      return open && x.path === open.path ? scrape(x) : undefined
    }

    function scrape(x: Exchange): Verdict | Promise<Verdict> {
      const asker = askerOf(x)
      scrapes!.add([asker])
      if (asker === 'allowed') return rendered(x, metrics!)
      // Without a token there is nothing to ask for: the path is like any other, and the application or the sign-in answers.
      if (open!.tokens.length === 0) return undefined
      if (asker === 'token-in-the-clear') return deny(403, 'https-required', { reason: asker, close: true })
      return deny(401, 'token-required', { reason: asker, head: CHALLENGE })
    }

    function detailed(x: Exchange): boolean {
      const asker = askerOf(x)
      scrapes?.add([asker])
      return asker === 'allowed'
    }

    return { enter }
  },
})

async function rendered(x: Exchange, metrics: NonNullable<Observed['metrics']>): Promise<Reply> {
  const { type, body } = await metrics.render(x.header('accept'))
  return answer(200, { 'content-type': type, 'cache-control': 'no-store' }, body)
}

async function ready(_x: Exchange, readiness: Observed['readiness'], details: boolean): Promise<Reply> {
  const standing = await readiness.ask()
  if (!details) return standing.ready ? READY : UNAVAILABLE
  const head = { ...TEXT, 'content-type': 'application/json' }
  return answer(standing.ready ? 200 : 503, head, `${JSON.stringify(standing)}\n`)
}

/** Tokens are compared as keyed hashes, in a time that does not depend on them; all of them, whichever fits. */
function createAskerOf({ options, site, keys, emit }: Setting<ObserveOptions>): (x: Exchange) => Asker {
  const { tokens, loopback, insecurePlaintext } = metricsFor(options, site) ?? { tokens: [], loopback: false }
  const key = createSecretKey(keys.subkey('observe/token'))
  const marks = tokens.map((token) => hmac(key, token.reveal()))
  const quiet = createQuiet()

  function refuse(x: Exchange, reason: 'wrong-token' | 'token-in-the-clear'): Asker {
    const times = quiet.heard(reason, x.time)
    if (times > 0) emit({ type: 'authn_token_fail', data: { use: 'metrics', reason, times } }, x)
    return reason
  }

  return (x) => {
    const here = isThisMachine(x)
    const given = /^bearer +(\S+)$/i.exec(x.header('authorization') ?? '')?.[1]
    if (given === undefined || marks.length === 0) return here && loopback ? 'allowed' : 'nobody'
    const mark = hmac(key, given)
    const fits = marks.map((known) => equal(known, mark)).includes(true)
    if (site.secure && !x.need(Encrypted) && !here && !insecurePlaintext) return refuse(x, 'token-in-the-clear')
    return fits ? 'allowed' : refuse(x, 'wrong-token')
  }
}
