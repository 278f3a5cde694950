/**
 * How a refusal looks to the one who asked: the sign-in page, a page, or problem details. Never more than status, public code and
 * request id: reasons are for the log (CWE-209).
 * Source: RFC 9457 (problem details), RFC 9110 §12.5.1 and §15; OWASP Error Handling Cheat Sheet.
 */
import type { Site } from '../engine/control.ts'
import type { Render, Rendered } from '../engine/engine.ts'
import type { Exchange } from '../engine/exchange.ts'
import { Principal, RequestId } from '../engine/facts.ts'
import type { Denial, Reply } from '../engine/reply.ts'
import { wantsHtml } from '../http/accept.ts'
import { PROBLEM_TYPE, problemJson } from '../http/problem.ts'
import { localPath } from '../http/redirect.ts'
import { nonceOf } from './form.ts'
import { errorPage, forbiddenPage } from './pages/index.ts'

/** Where one can go from a refusal. */
export interface RefusalPaths {
  readonly path: string
  readonly againPath: string
  readonly factorPath: string
  readonly factorsPath: string
  readonly addressPath: string
  readonly signOutPath: string
  readonly sessionsPath: string
  readonly brand: string
}

export interface RefusalOptions {
  readonly site: Site
  /** The sign-in control's; `undefined` when it is off: then nobody is sent there. */
  readonly signIn: RefusalPaths | undefined
}

const PAGE = 'text/html; charset=utf-8'
/** A longer way back is not worth an address that proxies cut off. */
const LONGEST_NEXT = 1024

/** Sentences for codes where the one for the status would not help. */
const MESSAGES: Readonly<Record<string, string>> = {
  'csrf-refused':
    'This form did not come from a page of this site, or it was open for too long. Load the page again and repeat it.',
  'cookie-ambiguous': 'Your browser sent two different cookies of this site. They were deleted; sign in again.',
  'credentials-ambiguous': 'This came with a key or a token and with a session. Send one of them.',
  'token-in-address': 'A token stands in this address, where others can read it. Sign the app out that made it.',
  'key-in-address': 'An API key stands in this address, where others can read it. End that key and make a new one.',
  'client-certificate-required': 'This is for services that show a certificate of their own.',
  'client-certificate-unknown': 'The certificate that was shown belongs to no service that is known here.',
  'interactive-required': 'This is for people who are signed in, not for programs with an API key.',
  'stronger-proof-required': 'This needs your second factor. Give it, go back to the form, and send it again.',
  'recent-proof-required': 'This needs a new proof that it is you. Give it, go back to the form, and send it again.',
  'second-factor-enrolment-required': 'Your role needs a second factor. Set it up first.',
  'address-not-verified': 'Your address is not confirmed yet. Confirm it first.',
  'impersonation-read-only': 'You act as somebody else, and only look. Stop acting as them to change something.',
  'impersonation-own-alone': 'This is for the person alone as whom you act. Stop acting as them first.',
  'impersonation-ended': 'You do not act as somebody else any more, so this was not done.',
  'tenant-required': 'This belongs to an organisation. Choose first in which one you act.',
  'invitation-of-another': 'This invitation is for somebody else. Sign in as who was invited.',
}

/** What the link of that page says, where it leads to what is missing. */
const WAYS: Readonly<Record<string, string>> = {
  'stronger-proof-required': 'Confirm it is you',
  'recent-proof-required': 'Confirm it is you',
  'second-factor-enrolment-required': 'Set it up',
  'address-not-verified': 'Confirm it',
}

/** Renders replies. Plain ones pass as they are; a denial becomes what the client can use. */
export function createRefusal({ site, signIn }: RefusalOptions): Render {
  return (x, reply) => {
    const { status, head = {}, body = '', denial, close = false } = reply
    if (denial === undefined) return { status, head, body: bodyless(status) ? '' : body, close }
    const refused = wantsHtml(x.header('accept')) ? forPeople(x, reply, denial) : forPrograms(x, reply, denial)
    const cache = { 'cache-control': 'no-store', vary: 'accept' }
    // RFC 9110 §15.5.2 asks for a challenge; browsers act on none that names a scheme they do not know.
    const challenge = refused.status === 401 ? { 'www-authenticate': 'Session' } : {}
    return {
      ...refused,
      head: { ...cache, ...challenge, ...head, ...refused.head },
      body: refused.body,
      close,
    }
  }

  function forPeople(x: Exchange, reply: Reply, denial: Denial): Rendered {
    const door = doorFor(x, denial)
    if (door !== undefined)
      return { status: 303, head: { location: `${door}${wayBack(x, denial.resume)}` }, body: '', close: false }
    return { status: reply.status, head: { 'content-type': PAGE }, body: pageFor(x, reply, denial).toString(), close: false }
  }

  /** Only what was asked for with GET can be asked for again after signing in, and a form that is kept until a proof. */
  function doorFor(x: Exchange, { code, resume }: Denial): string | undefined {
    if (signIn === undefined || x.upgrade) return undefined
    if (resume === undefined && x.method !== 'GET' && x.method !== 'HEAD') return undefined
    return doorOf(signIn, code)
  }

  function pageFor(x: Exchange, { status, head }: Reply, { code }: Denial): { toString(): string } {
    const facts = { nonce: nonceOf(x), requestId: x.get(RequestId), brand: signIn?.brand ?? site.hostname }
    const principal = x.get(Principal)
    if (code === 'not-permitted' && principal && signIn) {
      const paths = { signOut: signIn.signOutPath, sessions: signIn.sessionsPath }
      return forbiddenPage({ ...facts, base: '', paths, login: principal.login })
    }
    const after = Number(head?.['retry-after'])
    const home = (signIn && doorOf(signIn, code)) ?? '/'
    return errorPage({
      ...facts,
      status,
      home,
      way: home === '/' ? undefined : WAYS[code],
      message: MESSAGES[code],
      retryAfter: after > 0 ? after : undefined,
    })
  }
}

/** The page where what is missing can be had. */
function doorOf({ path, againPath, factorPath, factorsPath, addressPath }: RefusalPaths, code: string): string | undefined {
  if (code === 'sign-in-required') return path
  if (code === 'recent-proof-required') return againPath
  if (code === 'stronger-proof-required') return factorPath
  if (code === 'address-not-verified') return addressPath
  return code === 'second-factor-enrolment-required' ? `${factorsPath}/totp` : undefined
}

function forPrograms(x: Exchange, { status }: Reply, { code }: Denial): Rendered {
  const instance = x.get(RequestId)
  const body = problemJson(instance === undefined ? { status, code } : { status, code, instance })
  return { status, head: { 'content-type': PROBLEM_TYPE }, body, close: false }
}

/** `?next=` with the path that was asked for, or of what was kept of it, when it is one we would go to (never from Referer). */
function wayBack(x: Exchange, asked = `${x.path}${x.search}`): string {
  const next = localPath(asked)
  return next === '/' || next.length > LONGEST_NEXT ? '' : `?next=${encodeURIComponent(next)}`
}

/** RFC 9110 §15.3.5 and §15.4.5. The body of an answer to HEAD is left out by the adapter, which still says how long it is. */
function bodyless(status: number): boolean {
  return status === 204 || status === 304
}
