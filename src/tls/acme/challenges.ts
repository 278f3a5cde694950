/**
 * Answers to the questions of an authority while it asks them: for HTTP-01 a text at an address, for TLS-ALPN-01 a certificate in a
 * handshake. They are kept in the storage, so that whichever host is asked can answer. Source: RFC 8555 section 8.3, RFC 8737 section 3.
 */
import type { CertificatePair } from '../server.ts'
import { loadAcme, newKey } from './client.ts'
import type { ChallengeType } from './options.ts'
import type { Sealed } from './sealed.ts'

export interface Challenge {
  readonly type: ChallengeType
  /** The host name that is asked about. */
  readonly name: string
  readonly token: string
  readonly keyAuthorization: string
}

export interface Challenges {
  /** From now on these are answered, here and at every host that looks. */
  announce(challenges: readonly Challenge[]): Promise<void>
  /** Sees what others have announced. */
  look(): Promise<void>
  alpn(name: string): CertificatePair | undefined
  http(token: string): Promise<string | undefined>
}

interface Announced {
  readonly until: number
  readonly list: readonly Challenge[]
}

const NAME = 'challenges'
/** No order takes longer; what a crashed host announced is forgotten after it. */
export const ANSWERED_FOR = 10 * 60_000
/** RFC 8555 section 8.1: base64url, of at least 128 bits. */
const TOKEN = /^[A-Za-z0-9_-]{22,128}$/
/** How often a token that is not known may make us look at the storage. */
const LOOK_EVERY = 1000

export function createChallenges(
  sealed: Sealed,
  { shared, now }: { readonly shared: boolean; readonly now: () => number },
): Challenges {
  let announced: Announced = { until: 0, list: [] }
  let certificates = new Map<string, CertificatePair>()
  let [signature, lookedAt] = ['', Number.NEGATIVE_INFINITY]

  async function take(next: Announced): Promise<void> {
    const seen = JSON.stringify(next)
    if (seen === signature) return
    certificates = await certificatesOf(next.list)
    announced = next
    signature = seen
  }

  async function look(): Promise<void> {
    lookedAt = now()
    await take(((await sealed.read(NAME)) as Announced | undefined) ?? { until: 0, list: [] })
  }

  const live = (): readonly Challenge[] => (announced.until > now() ? announced.list : [])
  const answer = (token: string): string | undefined =>
    live().find((challenge) => challenge.type === 'http-01' && challenge.token === token)?.keyAuthorization

  return {
    look,
    async announce(list) {
      const next = { until: now() + ANSWERED_FOR, list }
      await take(next)
      await sealed.write(NAME, next)
    },
    alpn: (name) =>
      live().some((challenge) => challenge.type === 'tls-alpn-01' && challenge.name === name)
        ? certificates.get(name)
        : undefined,
    async http(token) {
      if (!TOKEN.test(token)) return undefined
      // Another host may have begun just now. Strangers who ask for tokens must not be able to keep the storage busy.
      if (answer(token) === undefined && shared && now() - lookedAt >= LOOK_EVERY) await look()
      return answer(token)
    },
  }
}

async function certificatesOf(list: readonly Challenge[]): Promise<Map<string, CertificatePair>> {
  const made = new Map<string, CertificatePair>()
  for (const { type, name, keyAuthorization } of list) {
    if (type !== 'tls-alpn-01') continue
    const { crypto } = await loadAcme()
    const identifier = { identifier: { type: 'dns', value: name } } as Parameters<typeof crypto.createAlpnCertificate>[0]
    const [key, cert] = await crypto.createAlpnCertificate(identifier, keyAuthorization, newKey())
    made.set(name, { key: key.toString(), cert: cert.toString() })
  }
  return made
}
