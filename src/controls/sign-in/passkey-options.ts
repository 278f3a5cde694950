/** For which domain passkeys are, read at start-up. Source: WebAuthn Level 3, 5.1.2 "RP ID" and 13.4.9. */
import { isIP } from 'node:net'
import type { PartyOptions } from '../../accounts/passkeys/relying-party.ts'
import type { Site } from '../../engine/control.ts'
import { invalid, withDefaults } from '../../engine/options.ts'

export interface PasskeyInput {
  /** The domain that passkeys are bound to; they are void when it changes. @default the host of `origin` */
  readonly rpId?: string | undefined
  /** Whether authenticators say of which make they are. They are never asked to. @default 'none' */
  readonly attestation?: 'none'
}

export type PasskeyOptions = PasskeyInput

const NAME = 'signIn.passkey'
const DEFAULTS: Required<PasskeyInput> = { rpId: undefined, attestation: 'none' }

/** `undefined` when they are off. Throws HF_OPTION_INVALID. */
export function readPasskey(input: boolean | PasskeyInput): PasskeyOptions | undefined {
  if (input === false) return undefined
  if (input !== true && (typeof input !== 'object' || input === null)) invalid(NAME, input, 'Write true, false, or { rpId }.')
  const { rpId, attestation } = withDefaults<Required<PasskeyInput>>(NAME, DEFAULTS, input === true ? {} : input)
  if (rpId !== undefined && typeof rpId !== 'string') invalid(`${NAME}.rpId`, rpId, `Write a domain: 'app.example'.`)
  if (attestation !== 'none')
    invalid(`${NAME}.attestation`, attestation, `Write 'none': what a make says of itself would have to be fetched and believed.`)
  return { rpId, attestation }
}

/** Who asks authenticators for this site. Throws HF_OPTION_INVALID for a domain that browsers would refuse, before anybody has a passkey. */
export function partyOf(site: Pick<Site, 'hostname' | 'origin'>, options: PasskeyOptions, name: string): PartyOptions {
  const { hostname, origin } = site
  const id = options.rpId ?? hostname
  if (isIP(hostname.replaceAll(/^\[|\]$/g, '')) !== 0)
    invalid(
      NAME,
      origin,
      'Passkeys are bound to a name, and this origin is an address of numbers. Give it a name, or turn them off.',
    )
  const above = id === hostname || (hostname.endsWith(`.${id}`) && id.includes('.'))
  if (!above || id !== id.toLowerCase())
    invalid(`${NAME}.rpId`, id, `Write ${hostname}, the host of origin, or a domain that it ends in, of two words at least.`)
  return { id, name, origin }
}
