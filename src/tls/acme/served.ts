/** The certificate that is served: picked up from the storage when it is another one, and warned of when it ends soon. */
import { checkedPair, type CheckedPair } from '../checked-pair.ts'
import type { AcmeSetting } from './options.ts'
import { endsSoon } from './renewal.ts'
import type { Sealed } from './sealed.ts'

export interface Served {
  /** `undefined` while there is none. */
  current(): CheckedPair | undefined
  /** Serves what is stored, if it is other than what is served, and good. What is found at the start is not told of. */
  pickUp(when?: 'at-start'): Promise<void>
  /** Stores a pair for all hosts, and serves it. */
  replace(pair: CheckedPair): Promise<void>
  /** Whether it is for every name that is wanted. */
  coversAll(): boolean
  /** Tells, once a day, that it ends soon. */
  warn(): void
}

const CERTIFICATE = 'certificate'
const DAY = 86_400_000

/** `tell` is called when another certificate is served from now on. */
export function createServed({ now, names, report }: AcmeSetting, sealed: Sealed, tell: () => void): Served {
  let served: CheckedPair | undefined
  /** The last text of the storage, also when it was refused: it is refused once. */
  let seen = ''
  let warned = Number.NEGATIVE_INFINITY

  async function pickUp(when?: 'at-start'): Promise<void> {
    const found = (await sealed.read(CERTIFICATE)) as { readonly key: string; readonly cert: string } | undefined
    if (found === undefined || found.cert === seen) return
    seen = found.cert
    try {
      served = checkedPair(found, { now, certPath: 'The stored certificate', keyPath: 'its key' })
    } catch (error) {
      return report({ type: 'tls_certificate_refused', data: { reason: (error as Error).message } })
    }
    if (when === undefined)
      report({ type: 'tls_certificate_loaded', data: { names: served.names, expires: instant(served.expires) } })
    tell()
  }

  return {
    current: () => served,
    pickUp,
    async replace({ key, cert }) {
      await sealed.write(CERTIFICATE, { key, cert })
    },
    coversAll: () => served !== undefined && names.every((name) => served!.names.includes(name)),
    warn() {
      if (served === undefined || !endsSoon(served, now()) || now() - warned < DAY) return
      warned = now()
      const days = Math.floor((served.expires - now()) / DAY)
      report({ type: 'tls_certificate_expiring', data: { names: served.names, days } })
    },
  }
}

function instant(time: number): string {
  return new Date(time).toISOString()
}
