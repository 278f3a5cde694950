/** Reads `signIn.providers` at start-up. What cannot work is refused there; no provider is asked anything yet (L89). */
import type { Finding } from '../../../engine/finding.ts'
import { invalid } from '../../../engine/options.ts'
import { ALGORITHMS, type Provider } from './provider.ts'

/** By the id under which the options, the addresses and the log know it. */
export type Providers = Readonly<Record<string, Provider>>

const ID = /^[a-z][a-z0-9-]{0,31}$/
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/ // RFC 6749 section 3.3
const KEYS: ReadonlySet<string> = new Set<keyof Provider>([
  ...([
    'issuer',
    'secret',
    'clientId',
    'clientAuthentication',
    'label',
    'scopes',
    'algorithm',
    'responseMode',
    'signUp',
  ] as const),
  ...([
    'roles',
    'trustsEmail',
    'secondFactor',
    'signOutThere',
    'provesAgain',
    'networks',
    'ca',
    'insecureAllowLocal',
    'oauth',
  ] as const),
])

/** Throws HF_OPTION_INVALID, saying which provider and what of it. */
export function readProviders(providers: Providers): Providers {
  if (typeof providers !== 'object' || providers === null || Array.isArray(providers))
    invalid('signIn.providers', providers, 'Give providers by id: { google: google({ clientId, clientSecret }) }.')
  for (const [id, provider] of Object.entries(providers)) {
    if (!ID.test(id)) invalid('An id of signIn.providers', id, 'Write lower-case letters, digits and hyphens, at most 32.')
    readProvider(`signIn.providers.${id}`, provider)
  }
  // Two that speak for the same people would share them, and the weaker of the two would open what the other guards (L45).
  const issuers = Object.values(providers).map(({ issuer }) => issuer.replace(/\/+$/, ''))
  const twice = issuers.find((issuer, index) => issuers.indexOf(issuer) !== index)
  if (twice !== undefined) invalid('The issuer of two of signIn.providers', twice, 'Keep one of them.')
  return providers
}

/** What is set less safely than it could be. */
export function* checkProviders(providers: Providers): Generator<Finding> {
  for (const [id, { insecureAllowLocal, issuer }] of Object.entries(providers)) {
    if (insecureAllowLocal === undefined) continue
    const { reason, until } = insecureAllowLocal
    const what = `The provider ${id} may be on this machine and without TLS (${issuer}) until ${until}: ${reason}.`
    yield { id: 'HF-SIGNIN-1', severity: 'high', what, fix: `Remove signIn.providers.${id}.insecureAllowLocal.` }
  }
}

function readProvider(name: string, provider: Provider): void {
  if (typeof provider !== 'object' || provider === null || typeof provider.secret !== 'function')
    invalid(name, provider, 'Make it with oidc, google, github, microsoft, apple or gitlab.')
  const unknown = Object.keys(provider).find((key) => !KEYS.has(key))
  if (unknown !== undefined) invalid(`${name}.${unknown}`, 'not an option', 'Remove it.')
  const { issuer, clientId, label, scopes, algorithm, signUp, roles, trustsEmail, insecureAllowLocal } = provider
  checkIssuer(`${name}.issuer`, issuer, insecureAllowLocal !== undefined)
  if (typeof clientId !== 'string' || clientId === '')
    invalid(`${name}.clientId`, clientId, 'Write what the provider calls this application.')
  if (typeof label !== 'string' || label === '' || label.length > 64) invalid(`${name}.label`, label, 'Write 1 to 64 characters.')
  const listed = (value: unknown, fits: RegExp) =>
    Array.isArray(value) && value.every((entry) => typeof entry === 'string' && fits.test(entry))
  if (!listed(scopes, SCOPE)) invalid(`${name}.scopes`, scopes, `Write a list of scopes: ['openid', 'email'].`)
  if (!ALGORITHMS.includes(algorithm))
    invalid(`${name}.algorithm`, algorithm, `Write one of ${ALGORITHMS.join(', ')}: a public key cannot forge these.`)
  if (signUp !== 'closed' && signUp !== 'open') invalid(`${name}.signUp`, signUp, `Write 'closed' or 'open'.`)
  if (!listed(roles, /./)) invalid(`${name}.roles`, roles, `Write the names of roles: ['member'].`)
  if (roles.length > 0 && signUp === 'closed')
    invalid(`${name}.roles`, roles, `Leave it out: without signUp: 'open' nobody gets them.`)
  if (typeof trustsEmail !== 'boolean') invalid(`${name}.trustsEmail`, trustsEmail, 'Write true or false.')
  if (typeof provider.signOutThere !== 'boolean') invalid(`${name}.signOutThere`, provider.signOutThere, 'Write true or false.')
  if (provider.signOutThere && provider.oauth !== undefined)
    invalid(`${name}.signOutThere`, true, 'Leave it out: without OpenID Connect there is no way to sign out there.')
  const { amr, acr } = provider.secondFactor
  if (!listed(amr, /./) || !listed(acr, /./))
    invalid(`${name}.secondFactor`, provider.secondFactor, `Write { amr: ['mfa'] } or { acr: ['…'] }.`)
}

function checkIssuer(name: string, issuer: string, local: boolean): void {
  const url = typeof issuer === 'string' ? URL.parse(issuer) : null
  const fits = url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!fits || (url.protocol !== 'https:' && !(local && url.protocol === 'http:')))
    invalid(name, issuer, `Write the provider's address as it writes it itself: 'https://id.example'.`)
}
