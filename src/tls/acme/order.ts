/** One order of a certificate, from the account to the chain: for all names at once, proved by the challenge that is wanted most. */
import type { Authorization, Client } from 'acme-client'
import type { Outbound } from '../../outbound/index.ts'
import { checkedPair, coversName, type CheckedPair } from '../checked-pair.ts'
import { X509Certificate } from 'node:crypto'
import type { Challenge, Challenges } from './challenges.ts'
import { forgetUrl, openAccount } from './account.ts'
import { isProblem, newKey, type OpenClient } from './client.ts'
import type { AcmeSetting } from './options.ts'
import type { Sealed } from './sealed.ts'

export interface OrderSetting {
  readonly setting: AcmeSetting
  readonly sealed: Sealed
  readonly challenges: Challenges
  readonly outbound: Outbound
  /** Waits until other hosts have seen the challenges. */
  readonly settle: () => Promise<void>
  /** ARI's name of the certificate that is replaced. */
  readonly replaces: string | undefined
}

/** Why an authority gave no certificate. The message is for operators; it has no secret in it. */
export class OrderFailed extends Error {
  override readonly name = 'OrderFailed'
  /** Milliseconds after which one may come again. */
  readonly retryAfter: number | undefined

  constructor(message: string, retryAfter: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.retryAfter = retryAfter
  }
}

/** What an authority may say of a certificate that it does not take for what is replaced: of another account, replaced already, unknown. */
const NOT_THE_PREDECESSOR = ['alreadyReplaced', 'malformed', 'unauthorized']

type Order = Awaited<ReturnType<Client['createOrder']>>

/** Asks for a certificate. Throws OrderFailed. An account that the authority has forgotten is made anew, once. */
export async function order(given: OrderSetting): Promise<CheckedPair> {
  const first = await attempt(given)
  if ('pair' in first) return first.pair
  if (!isProblem(first.open?.problem(), 'accountDoesNotExist')) throw failure(first)
  await forgetUrl(given.sealed)
  const second = await attempt(given)
  if ('pair' in second) return second.pair
  throw failure(second)
}

interface Failed {
  readonly cause: unknown
  readonly open: OpenClient | undefined
}

async function attempt(given: OrderSetting): Promise<{ readonly pair: CheckedPair } | Failed> {
  let open: OpenClient | undefined
  try {
    open = await openAccount(given.setting, given.sealed, given.outbound)
    return { pair: await obtain(open, given) }
  } catch (cause) {
    return { cause, open }
  }
}

function failure({ cause, open }: Failed): OrderFailed {
  const problem = open?.problem()
  const reason = reasonOf(cause instanceof Error ? cause.message : String(cause))
  const said =
    problem === undefined || reason.includes(problem.detail) ? '' : ` The authority said: ${problem.type} ${problem.detail}`
  return new OrderFailed(`${reason}${said}`.slice(0, 800), problem?.retryAfter, { cause })
}

async function obtain(open: OpenClient, given: OrderSetting): Promise<CheckedPair> {
  const { setting } = given
  const { client, library } = open
  const placed = await place(open, given)
  await prove(open, placed, given)
  const key = newKey()
  const [, csr] = await library.crypto.createCsr({ altNames: [...setting.names] }, key)
  const cert = await client.getCertificate(await client.finalizeOrder(placed, csr))
  // What the authority gives is looked at like every other certificate.
  const pair = checkedPair({ key, cert: cert.trim() + '\n' }, { now: setting.now })
  const leaf = new X509Certificate(pair.cert)
  const missing = setting.names.filter((name) => !coversName(leaf, name))
  if (missing.length > 0) throw new Error(`The certificate that was given is not for ${missing.join(', ')}.`)
  return pair
}

/** Says what it replaces to an authority that has ARI; one that does not want to hear it (RFC 9773 section 5) is asked without. */
async function place({ client, offers, problem }: OpenClient, { setting, replaces }: OrderSetting): Promise<Order> {
  const identifiers = setting.names.map((value) => ({ type: 'dns', value }))
  const wanted = { identifiers, ...(setting.profile !== undefined && { profile: setting.profile }) }
  if (replaces === undefined || !(await offers('renewalInfo'))) return await client.createOrder(wanted)
  try {
    return await client.createOrder({ ...wanted, replaces } as Parameters<Client['createOrder']>[0])
  } catch (error) {
    if (!NOT_THE_PREDECESSOR.some((name) => isProblem(problem(), name))) throw error
    return await client.createOrder(wanted)
  }
}

async function prove({ client }: OpenClient, placed: Order, { setting, challenges, settle }: OrderSetting): Promise<void> {
  const asked = (await client.getAuthorizations(placed)).filter(({ status }) => status !== 'valid')
  if (asked.length === 0) return
  const chosen = await Promise.all(asked.map((authorization) => choose(client, authorization, setting)))
  await challenges.announce(chosen.map(({ answer }) => answer))
  try {
    await settle()
    // One after the other is slow for many names; all at once would need as many connections.
    for (let at = 0; at < chosen.length; at += 10)
      await Promise.all(
        chosen.slice(at, at + 10).map(async ({ challenge, authorization }) => {
          await client.completeChallenge(challenge)
          await client.waitForValidStatus(authorization)
        }),
      )
  } catch (error) {
    // What is left pending counts against limits of the authority.
    for (const { authorization } of chosen) await client.deactivateAuthorization(authorization).catch(() => undefined)
    throw error
  } finally {
    await challenges.announce([])
  }
}

async function choose(client: Client, authorization: Authorization, setting: AcmeSetting) {
  const { value: name } = authorization.identifier
  for (const type of setting.challenges) {
    const challenge = authorization.challenges.find((offered) => offered.type === type)
    if (challenge === undefined) continue
    const keyAuthorization = await client.getChallengeKeyAuthorization(challenge)
    const answer: Challenge = { type, name, token: challenge.token, keyAuthorization }
    return { authorization, challenge, answer }
  }
  throw new Error(`The authority offers none of ${setting.challenges.join(', ')} for ${name}.`)
}

/** acme-client gives an authorization that failed as its whole JSON; what the authority says of it is a sentence in there. */
function reasonOf(message: string): string {
  try {
    const { identifier, challenges } = JSON.parse(message) as {
      identifier: { value: string }
      challenges: readonly { error?: { detail?: string } }[]
    }
    const details = challenges.flatMap(({ error }) => error?.detail ?? [])
    return `${identifier.value} was not validated: ${details.join(' ')}`
  } catch {
    return message
  }
}
