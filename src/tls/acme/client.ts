/**
 * acme-client, loaded when an order is made and not before, with the guard of outbound requests in place of its own transport: by https
 * alone, to addresses that may be reached, bounded in size and time, and without five silent retries. Source: RFC 8555 section 6.
 */
import { generateKeyPairSync } from 'node:crypto'
import type { Client } from 'acme-client'
import { createOutbound, type Outbound } from '../../outbound/index.ts'
import type { AcmeSetting } from './options.ts'
import { readRetryAfter } from './renewal.ts'

export type AcmeLibrary = typeof import('acme-client')

/** An account at the authority. */
export interface Account {
  /** PEM. */
  readonly key: string
  /** How the authority names it, once it does. */
  readonly url: string | undefined
}

export interface OpenClient {
  readonly library: AcmeLibrary
  readonly client: Client
  /** What the authority refused last, in its words, and when one may come again. */
  problem(): Problem | undefined
  /** Whether the directory of the authority names this resource. */
  offers(resource: string): Promise<boolean>
  /** Has the account at `url` belong to the key of `next` (RFC 8555 section 7.3.5). Rejects where the authority does not want it. */
  replaceKey(next: OpenClient, url: string): Promise<void>
  /** Whether the authority knows this key, and as the account at `url`. */
  isAccount(url: string): Promise<boolean>
  /** What acme-client has no word for. */
  readonly transport: Transport
}

export interface Problem {
  readonly type: string
  readonly detail: string
  readonly retryAfter: number | undefined
}

/** What acme-client asks of its transport; it takes what axios would give. */
interface Transport {
  request(url: string, method: string, options?: { data?: unknown }): Promise<Answer>
  maxBadNonceRetries: number
  getDirectory(): Promise<object>
  getResourceUrl(resource: string): Promise<string>
  getJwk(): object
  createSignedBody(url: string, payload: object): object
  signedRequest(url: string, payload: object, options?: { kid?: string }): Promise<Answer>
}

interface Answer {
  readonly status: number
  readonly headers: object
  readonly data: unknown
}

/** An authority may refuse any nonce; of half of them ten in a row are one in a thousand. */
const NONCE_RETRIES = 10
/** Polled each second at first, then less often: some two minutes in all. */
const POLLING = { backoffAttempts: 18, backoffMin: 500, backoffMax: 10_000 }
/** An authority may take its time over an order. */
const PATIENCE = { headTimeout: 30_000, timeout: 45_000, redirects: 0 }
const USER_AGENT = 'holdfast (acme-client)'

export function outboundOf({ outbound, now }: Pick<AcmeSetting, 'outbound' | 'now'>): Outbound {
  return createOutbound({ ...PATIENCE, now, ...outbound })
}

/** A new key for an account: ECDSA P-256. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

/** Throws, saying how to install it, when acme-client is missing. */
export async function loadAcme(load: () => Promise<AcmeLibrary> = () => import('acme-client')): Promise<AcmeLibrary> {
  try {
    const loaded = await load()
    return (loaded as { default?: AcmeLibrary }).default ?? loaded
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && String(cause.code).endsWith('MODULE_NOT_FOUND'))) throw cause
    throw new Error('Automatic certificates need the package acme-client. Install it with: npm install acme-client', { cause })
  }
}

export async function openClient(setting: AcmeSetting, account: Account, outbound: Outbound): Promise<OpenClient> {
  const library = await loadAcme()
  const { externalAccount: external, directory } = setting
  const client = new library.Client({
    directoryUrl: directory,
    accountKey: account.key,
    ...(account.url !== undefined && { accountUrl: account.url }),
    ...(external && { externalAccountBinding: { kid: external.kid, hmacKey: external.hmacKey.reveal() } }),
    ...POLLING,
  })
  let problem: Problem | undefined
  const transport = (client as unknown as { http?: Transport }).http
  if (typeof transport?.request !== 'function')
    throw new Error(
      'This version of acme-client keeps its transport elsewhere, and would go around the guard. Install acme-client 5.4.',
    )
  transport.maxBadNonceRetries = NONCE_RETRIES
  transport.request = async (url, method, { data } = {}) => {
    const answer = await send(outbound, url, method, data)
    // A nonce that was refused is tried again, and is no reason for what fails later.
    if (answer.status >= 400 && !isProblem(problemOf(answer, 0), 'badNonce')) problem = problemOf(answer, setting.now())
    return answer
  }
  return {
    ...{ library, client, transport, problem: () => problem },
    offers: async (resource) => resource in (await transport.getDirectory()),
    async replaceKey(next, url) {
      // Signed by the new key inside, which proves that it is ours, and by the old one outside.
      const at = await transport.getResourceUrl('keyChange')
      const inner = next.transport.createSignedBody(at, { account: url, oldKey: transport.getJwk() })
      const { status } = await transport.signedRequest(at, inner, { kid: url })
      if (status !== 200) throw new Error(`The authority answered ${status} to the new key of the account.`)
    },
    async isAccount(url) {
      const { status, headers } = await transport.signedRequest(await transport.getResourceUrl('newAccount'), {
        onlyReturnExisting: true,
      })
      return status === 200 && (headers as Record<string, string>)['location'] === url
    },
  }
}

/** Whether it is the error of that name (RFC 8555 section 6.7). */
export function isProblem(problem: Problem | undefined, name: string): boolean {
  return problem?.type === `urn:ietf:params:acme:error:${name}`
}

async function send(outbound: Outbound, url: string, method: string, data: unknown) {
  const response = await outbound.fetch(url, {
    method: method.toUpperCase(),
    redirect: 'error',
    headers: { 'user-agent': USER_AGENT, ...(data !== undefined && { 'content-type': 'application/jose+json' }) },
    ...(data !== undefined && { body: JSON.stringify(data) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, headers: Object.fromEntries(response.headers), data: isJson ? parse(text) : text }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function problemOf({ data, headers, status }: Answer, now: number): Problem {
  const { type = `HTTP ${status}`, detail = '' } = (typeof data === 'object' ? data : {}) as { type?: string; detail?: string }
  const retryAfter = readRetryAfter((headers as Record<string, string>)['retry-after'], now)
  return { type: String(type).slice(0, 200), detail: String(detail).slice(0, 500), retryAfter }
}
