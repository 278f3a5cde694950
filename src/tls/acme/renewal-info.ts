/** Asks an authority when it would like a certificate to be renewed (ARI). Source: RFC 9773 section 4. */
import type { Outbound } from '../../outbound/index.ts'
import type { CheckedPair } from '../checked-pair.ts'
import type { AcmeSetting } from './options.ts'
import { certificateId, readSuggestion, suggested, type RenewalState, type Suggestion } from './renewal.ts'

interface Asking {
  readonly state: RenewalState
  readonly served: CheckedPair
  readonly setting: AcmeSetting
  readonly outbound: Outbound
  readonly random: number
}

/** The state with what was suggested, and when to ask again. An authority that has no ARI, or does not answer, changes no plan. */
export async function askRenewalInfo({ state, served, setting, outbound, random }: Asking): Promise<RenewalState> {
  const suggestion = await suggestionOf(served, setting, outbound).catch(() => undefined)
  return suggested(state, served, suggestion, setting.now(), random)
}

async function suggestionOf(
  served: CheckedPair,
  { directory, now }: AcmeSetting,
  outbound: Outbound,
): Promise<Suggestion | undefined> {
  const id = certificateId(served.cert)
  if (id === undefined) return undefined
  const { renewalInfo } = (await (await outbound.fetch(directory)).json()) as { renewalInfo?: unknown }
  if (typeof renewalInfo !== 'string') return undefined
  const answer = await outbound.fetch(`${renewalInfo.replace(/\/$/, '')}/${id}`)
  if (answer.status !== 200) return undefined
  return readSuggestion(await answer.json(), answer.headers.get('retry-after'), now())
}
