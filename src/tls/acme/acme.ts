/**
 * Certificates that renew themselves by ACME: kept in a storage that several hosts share, asked for by one of them, picked up by all.
 * A failed renewal is tried again with growing waits and changes nothing about what is served. Source: RFC 8555, RFC 9773 (ARI).
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { CheckedPair } from '../checked-pair.ts'
import { createChanges, type CertificateSource } from '../source.ts'
import { createChallenges } from './challenges.ts'
import { outboundOf } from './client.ts'
import { createLooks } from './looks.ts'
import { readAcmeOptions, type AcmeOptions } from './options.ts'
import type { RenewalState } from './renewal.ts'
import { createSchedule } from './schedule.ts'
import { sealed as seal } from './sealed.ts'
import { createServed } from './served.ts'
import { createWork } from './work.ts'

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

/** Reads what is stored, and begins to look after it. Throws RangeError for options that cannot be meant, and when the storage cannot be opened. */
export async function acmeCertificates(options: AcmeOptions): Promise<AcmeCertificates> {
  const setting = readAcmeOptions(options)
  const { storage, now, every } = setting
  const sealed = seal(storage, setting.keys)
  const outbound = outboundOf(setting)
  const challenges = createChallenges(sealed, { shared: storage.shared, now })
  const { onChange, tell } = createChanges()
  const served = createServed(setting, sealed, tell)
  const schedule = createSchedule(setting, sealed, served, outbound)
  const work = createWork({ setting, sealed, outbound, challenges, served, schedule })
  const looks = createLooks(setting, work)
  let stopped = false

  async function ready(): Promise<void> {
    for (let asked = false; served.current() === undefined && !stopped; asked = true) {
      await looks.tick()
      if (served.current() !== undefined) return
      const { failures, notBefore } = await schedule.plan()
      if (failures > 0 && notBefore > now())
        throw new Error(
          `There is no certificate for ${setting.names.join(', ')}, and none was given. The event tls_renewal_failed says why; it is tried again from ${instant(notBefore)} on.`,
        )
      if (asked) await pause(every) // another host asks
    }
  }

  await served.pickUp('at-start')
  const timer = setInterval(() => void (stopped || looks.tick()), every).unref()
  return {
    ready,
    tick: looks.tick,
    renew: looks.renew,
    status: async () => ({ certificate: served.current(), renewal: await schedule.known() }),
    pairs: () => [served.current()].filter((pair) => pair !== undefined),
    onChange,
    alpnChallenge: challenges.alpn,
    httpChallenge: challenges.http,
    async stop() {
      stopped = true
      clearInterval(timer)
      await looks.idle()
    },
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
