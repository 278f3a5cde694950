/** When the served certificate is renewed, as all hosts know it: planned, moved by what the authority suggests, put off by failures. */
import type { Outbound } from '../../outbound/index.ts'
import type { AcmeSetting } from './options.ts'
import { failed, planned, type RenewalState } from './renewal.ts'
import { askRenewalInfo } from './renewal-info.ts'
import type { Sealed } from './sealed.ts'
import type { Served } from './served.ts'

export interface Schedule {
  /** What is stored, once anybody has planned. */
  known(): Promise<RenewalState | undefined>
  /** The plan for what is served now; made, and asked about, when it is time. */
  plan(): Promise<RenewalState>
  /** Whether a certificate is to be asked for now. */
  isDue(state: RenewalState): boolean
  /** Remembers a failure. `retryAfter`: milliseconds that the authority wants to be left alone. */
  putOff(retryAfter: number | undefined): Promise<RenewalState>
}

const RENEWAL = 'renewal'

export function createSchedule(setting: AcmeSetting, sealed: Sealed, served: Served, outbound: Outbound): Schedule {
  const { now, random } = setting
  const known = async (): Promise<RenewalState | undefined> => (await sealed.read(RENEWAL)) as RenewalState | undefined

  async function plan(): Promise<RenewalState> {
    const kept = await known()
    const current = served.current()
    if (current === undefined) return kept?.of === '' ? kept : { of: '', at: 0, askAt: 0, failures: 0, notBefore: 0 }
    let state = kept?.of === current.fingerprint256 ? kept : planned(current, random())
    // Of one that has ended nothing may be asked (RFC 9773 section 4.3).
    if (state.askAt <= now() && current.expires > now())
      state = await askRenewalInfo({ state, served: current, setting, outbound, random: random() })
    if (state !== kept) await sealed.write(RENEWAL, state)
    return state
  }

  return {
    known,
    plan,
    isDue: ({ notBefore, at }) => notBefore <= now() && (at <= now() || !served.coversAll()),
    async putOff(retryAfter) {
      const state = failed(await plan(), now(), random(), retryAfter)
      await sealed.write(RENEWAL, state)
      return state
    },
  }
}
