/** What attacks on responses do: ask from an address, and stand in for detections and operators. */
import type { TestApp, Response } from './app.ts'

/** Behind a proxy that is declared, so that those who take part have addresses of their own. */
export const BEHIND_A_PROXY = { client: { trustedProxies: ['loopback'] } } as const

export const ATTACKER = '203.0.113.9'
const BY = { kind: 'system', id: 'operator' } as const

/** One request that a proxy says comes from this address. */
export function askFrom(
  app: TestApp,
  address: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return app.fetch(path, {
    headers: { 'x-forwarded-for': address, 'x-forwarded-proto': 'http', accept: 'application/json', ...headers },
  })
}

/** Applies a response as an operator would. Not done where the controls are off that would hold it. */
export async function respond(
  app: TestApp,
  response: string,
  subject?: { readonly kind: 'client' | 'user' | 'route'; readonly value: string },
  settings?: Readonly<Record<string, string>>,
): Promise<string> {
  const alone = 'The test is alone.'
  const request = { response, subject, settings, by: BY, reason: 'Somebody attacks.', insecureAlone: alone }
  const outcome = await app.holdfast.responses.apply(request)
  if (!outcome.ok && outcome.reason !== 'not-enforced') throw new Error(outcome.says)
  return outcome.ok ? outcome.applied.id : ''
}

/** A detection that counts failures of sign-in by client, and proposes these responses at the third. */
export function detectFailures(app: TestApp, automatic: readonly string[]): void {
  const counts = new Map<string, number>()
  app.holdfast.on(({ type, client = 'unknown', data, time }) => {
    if (type !== 'authn_login_fail') return
    const count = (counts.get(client) ?? 0) + 1
    counts.set(client, count)
    if (count % 3 !== 0) return
    const userId = data?.['userId']
    app.holdfast.incidents.take({
      ...{ id: `d-${client}-${count}`, detection: 'brute-force-address', severity: 'high', time, dryRun: false },
      actors: [{ kind: 'client', value: client }],
      targets: typeof userId === 'string' ? [{ kind: 'user', value: userId }] : [],
      ...{ targetCount: 1, why: `${count} failures`, automatic, offered: [] },
    })
  })
}

/** Fails to sign in, as a browser behind this address would. */
export async function failToSignIn(app: TestApp, login: string, times: number, address = ATTACKER): Promise<void> {
  for (let n = 0; n < times; n++) {
    await app.fetch('/login', {
      method: 'POST',
      headers: {
        'x-forwarded-for': address,
        'content-type': 'application/x-www-form-urlencoded',
        origin: app.origin,
        'sec-fetch-site': 'same-origin',
      },
      body: `login=${encodeURIComponent(login)}&password=wrong+guess+number+${n}`,
    })
  }
  await app.holdfast.incidents.settled()
}
