/** Opens the way to each provider: its guard for requests, and the protocol it speaks, which is loaded when somebody first wants it. */
import type { Emit } from '../../../engine/events.ts'
import { checkInsecure, invalid } from '../../../engine/options.ts'
import { createOutbound, type Outbound } from '../../../outbound/index.ts'
import type { Provider, ProviderClient } from './provider.ts'

interface Setting {
  readonly id: string
  readonly provider: Provider
  /** Exact, and from the configured origin (L86). */
  readonly redirectUri: string
  /** Where the provider sends people back who signed out there; exact, too. */
  readonly signedOutUri: string
  readonly emit: Emit
  readonly now: () => number
}

/** Throws HF_OPTION_INVALID for networks that cannot be meant, HF_OPTION_INSECURE for an exception without reason or past its day. Asks nobody anything. */
export function openClient({ id, provider, redirectUri, signedOutUri, emit, now }: Setting): ProviderClient {
  const setting = { provider, redirectUri, signedOutUri, outbound: guard(id, provider, emit, now), now }
  let loaded: Promise<ProviderClient> | undefined

  async function load(): Promise<ProviderClient> {
    const { oauth } = provider
    if (oauth === undefined) return (await import('./open-id.ts')).openIdClient(setting)
    return (await import('./plain-oauth.ts')).plainOAuthClient({ ...setting, provider: { ...provider, oauth } })
  }

  return {
    begin: async (ties) => (await (loaded ??= load())).begin(ties),
    ...(provider.oauth === undefined && {
      readLogout: async (token: string) => (await (loaded ??= load())).readLogout!(token),
    }),
    finish: async (answer, ties) => (await (loaded ??= load())).finish(answer, ties),
  }
}

/** Discovery is an address that others write, too: it leads to public addresses alone, or to what the operator named (L53). */
function guard(id: string, { issuer, networks, ca, insecureAllowLocal }: Provider, emit: Emit, now: () => number): Outbound {
  if (insecureAllowLocal) checkInsecure(`signIn.providers.${id}.insecureAllowLocal`, insecureAllowLocal, now())
  const { hostname, port, protocol } = new URL(issuer)
  const host = `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`
  try {
    return createOutbound({
      networks,
      now,
      report: ({ type, ...data }) => emit({ type, data: { ...data, provider: id } }),
      ...(ca !== undefined && { ca }),
      ...(insecureAllowLocal && { insecureAllowHosts: { hosts: [host], ...insecureAllowLocal } }),
    })
  } catch (cause) {
    return invalid(`signIn.providers.${id}.networks`, networks, (cause as Error).message, cause)
  }
}
