/**
 * GitHub: OAuth 2 without ID token. Who it is says `GET /user` with the access token that was just given to us, by its number; the
 * login can be changed, and be somebody else's next year.
 * Sources: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps ; https://docs.github.com/rest/users
 */
import { oidc } from './oidc.ts'
import type { Person, Provider, ProviderOptions } from './provider.ts'

const ISSUER = 'https://github.com'
const API = 'https://api.github.com'

/** GitHub accounts. It cannot prove again who is signed in, nor say by what they signed in there. */
export function github(options: Omit<ProviderOptions, 'secondFactor'>): Provider {
  return {
    ...oidc({
      label: 'GitHub',
      clientAuthentication: 'post',
      provesAgain: false,
      ...options,
      issuer: ISSUER,
      scopes: ['read:user', 'user:email'],
    }),
    oauth: {
      authorizationEndpoint: `${ISSUER}/login/oauth/authorize`,
      tokenEndpoint: `${ISSUER}/login/oauth/access_token`,
      person: readPerson,
    },
  }
}

/** The number names the account; of the addresses the primary one counts, when it is verified. */
export async function readPerson(get: (url: string) => Promise<unknown>): Promise<Person | undefined> {
  const user = await get(`${API}/user`)
  if (!isRecord(user) || !Number.isSafeInteger(user['id']) || Number(user['id']) <= 0) return undefined
  const emails = await get(`${API}/user/emails`)
  const primary = Array.isArray(emails) ? emails.find((entry) => isRecord(entry) && entry['primary'] === true) : undefined
  const email = isRecord(primary) && primary['verified'] === true ? textOf(primary['email']) : undefined
  const subject = String(user['id'])
  return { subject, shown: textOf(user['login']) ?? subject, email, name: textOf(user['name']) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
