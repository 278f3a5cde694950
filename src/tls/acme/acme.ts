/**
 * Certificates that renew themselves by ACME: kept in a storage that several hosts share, asked for by one of them, picked up by all.
 * A failed renewal is tried again with growing waits and changes nothing about what is served. Source: RFC 8555, RFC 9773 (ARI).
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { checkedPair, type CheckedPair } from '../checked-pair.ts'
import { createChanges, type CertificateSource } from '../source.ts'
import { createChallenges } from './challenges.ts'
import { outboundOf } from './client.ts'
import { readAcmeOptions, type AcmeOptions } from './options.ts'
import { order, OrderFailed } from './order.ts'
import { certificateId, endsSoon, failed, planned, type RenewalState } from './renewal.ts'
import { askRenewalInfo } from './renewal-info.ts'
import { sealed as seal } from './sealed.ts'

export interface AcmeCertificates extends CertificateSource {
  /** Resolves once there is a certificate to serve. Rejects when there is none and none is given: then nothing can be served. */
  ready(): Promise<void>
  /** Looks at the storage, picks up what others renewed, and renews what is due. Runs by itself; never rejects. */
  tick(): Promise<void>
  /** Asks for a new certificate now. Rejects with why there is none. */
  renew(): Promise<void>
  /** What is served, and when it is renewed. */
  status(): Promise<AcmeStatus>
}

export interface AcmeStatus {
  readonly certificate: CheckedPair | undefined
  readonly renewal: RenewalState | undefined
}

const CERTIFICATE = 'certificate'
const RENEWAL = 'renewal'
const ORDER = 'order'
/** Longer than any order takes: another host may try when this one died. */
const LOCKED_FOR = 10 * 60_000
const DAY = 86_400_000

/** Reads what is stored, and begins to look after it. Throws RangeError for options that cannot be meant, and when the storage cannot be opened. */
export async function acmeCertificates(options: AcmeOptions): Promise<AcmeCertificates> {
  const setting = readAcmeOptions(options)
  const { storage, keys, names, now, random, report, every } = setting
  const owner = randomBytes(12).toString('hex')
  const sealed = seal(storage, keys)
  const outbound = outboundOf(setting)
  const challenges = createChallenges(sealed, { shared: storage.shared, now })
  const { onChange, tell } = createChanges()
  let [served, stored, warned, stopped] = [undefined as CheckedPair | undefined, '', Number.NEGATIVE_INFINITY, false]
  let unreadable = ''
  let running: Promise<void> | undefined

  /** What is stored is served, if it is other than what is served, and good. */
  async function pickUp(first: boolean): Promise<void> {
    const found = (await sealed.read(CERTIFICATE)) as { readonly key: string; readonly cert: string } | undefined
    if (found === undefined || found.cert === stored) return
    stored = found.cert
    try {
      served = checkedPair(found, { now, certPath: 'The stored certificate', keyPath: 'its key' })
    } catch (error) {
      return report({ type: 'tls_certificate_refused', data: { reason: (error as Error).message } })
    }
    if (!first) report({ type: 'tls_certificate_loaded', data: { names: served.names, expires: instant(served.expires) } })
    tell()
  }

  /** When the served certificate is renewed, as all hosts know it. */
  async function plan(): Promise<RenewalState> {
    const known = (await sealed.read(RENEWAL)) as RenewalState | undefined
    if (served === undefined) return known?.of === '' ? known : { of: '', at: 0, askAt: 0, failures: 0, notBefore: 0 }
    let state = known?.of === served.fingerprint256 ? known : planned(served, random())
    if (state.askAt <= now()) state = await askRenewalInfo({ state, served, setting, outbound, random: random() })
    if (state !== known) await sealed.write(RENEWAL, state)
    return state
  }

  const coversAll = (): boolean => served !== undefined && names.every((name) => served!.names.includes(name))
  const isDue = (state: RenewalState): boolean => state.notBefore <= now() && (state.at <= now() || !coversAll())

  async function look(): Promise<void> {
    await pickUp(false)
    if (storage.shared) await challenges.look()
    const state = await plan()
    if (isDue(state)) await underLock(async () => void (isDue(await plan()) && (await attempt())))
    warn()
  }

  /** One host asks. Who comes later finds what the first has stored. Says whether the lock was free. */
  async function underLock(work: () => Promise<void>): Promise<boolean> {
    if (!(await storage.reserve(ORDER, owner, LOCKED_FOR, now()))) return false
    try {
      await pickUp(false)
      await work()
      return true
    } finally {
      await storage.release(ORDER, owner)
    }
  }

  async function attempt(): Promise<void> {
    try {
      await obtain()
    } catch (error) {
      const state = failed(await plan(), now(), random(), error instanceof OrderFailed ? error.retryAfter : undefined)
      await sealed.write(RENEWAL, state)
      const critical = served === undefined || endsSoon(served, now())
      const data = { names, reason: (error as Error).message, next: instant(state.notBefore), failures: state.failures }
      report({ type: 'tls_renewal_failed', ...(critical && { level: 'critical' }), data })
    }
  }

  async function obtain(): Promise<void> {
    const replaced = served !== undefined && coversAll() ? certificateId(served.cert) : undefined
    const settle = async () => void (storage.shared && (await pause(every * 2)))
    const pair = await order({ setting, sealed, challenges, outbound, settle, replaces: replaced })
    await sealed.write(CERTIFICATE, { key: pair.key, cert: pair.cert })
    report({
      type: 'tls_certificate_obtained',
      data: { names, expires: instant(pair.expires), directory: setting.directory, replaces: replaced !== undefined },
    })
    await pickUp(false)
  }

  function warn(): void {
    if (served === undefined || !endsSoon(served, now()) || now() - warned < DAY) return
    warned = now()
    report({ type: 'tls_certificate_expiring', data: { names: served.names, days: Math.floor((served.expires - now()) / DAY) } })
  }

  /** One look at a time: a slow authority must not pile them up. Without the storage what is served stays; that is said once. */
  function tick(): Promise<void> {
    return (running ??= look()
      .then(() => void (unreadable = ''))
      .catch((error: unknown) => {
        const reason = `The storage of certificates: ${error instanceof Error ? error.message : String(error)}`
        if (reason !== unreadable) report({ type: 'tls_renewal_failed', data: { names, reason } })
        unreadable = reason
      })
      .finally(() => (running = undefined)))
  }

  async function ready(): Promise<void> {
    for (let asked = false; served === undefined && !stopped; asked = true) {
      await tick()
      if (served !== undefined) return
      const { failures, notBefore } = await plan()
      if (failures > 0 && notBefore > now())
        throw new Error(
          `There is no certificate for ${names.join(', ')}, and none was given. The event tls_renewal_failed says why; it is tried again from ${instant(notBefore)} on.`,
        )
      if (asked) await pause(every) // another host asks
    }
  }

  await pickUp(true)
  const timer = setInterval(() => void (stopped || tick()), every).unref()
  return {
    ready,
    tick,
    async renew() {
      // Not beside a look of this process: to the lock both would be the same owner.
      while (running !== undefined) await running
      const asked = underLock(obtain)
      running = asked.then(
        () => undefined,
        () => undefined,
      )
      void running.finally(() => (running = undefined))
      if (!(await asked)) throw new Error('Another process asks for a certificate just now.')
    },
    status: async () => ({ certificate: served, renewal: (await sealed.read(RENEWAL)) as RenewalState | undefined }),
    pairs: () => (served === undefined ? [] : [served]),
    onChange,
    alpnChallenge: challenges.alpn,
    httpChallenge: challenges.http,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
