/**
 * One's passkeys and security keys, under the page of second factors: add, name, remove. Each of these asks for a recent proof; who has
 * a factor proves it by that one, so nobody adds a way in of their own at an unlocked screen (L22).
 * Source: OWASP ASVS 5.0, 6.5 and 7.5.1; WebAuthn Level 3, 7.1 and 5.1.10; L95.
 */
import type { PasskeyEnrolment, PasskeyPurpose } from '../../../accounts/types.ts'
import { broughtBack } from '../../../console/brought-back.ts'
import { json, originOf, queryText, sentForm } from '../../../console/form.ts'
import {
  enrolPasskeyPage,
  passkeyPage,
  type EnrolPasskeyModel,
  type FactorsModel,
  type PasskeyModel,
} from '../../../console/pages/index.ts'
import { passkeyScriptVersion } from '../../../console/passkey-script.ts'
import type { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf, type Operation } from '../../../http/openapi.ts'
import { localPath } from '../../../http/redirect.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { FactorDue } from '../../sign-in/slot.ts'
import { NOT_FOUND, type DeskSetting } from './desk.ts'

/** One address: what it shows, what is done at it. */
export interface Leaf {
  show?(x: Exchange, current: CurrentSession): Promise<Reply> | Reply
  act?(x: Exchange, current: CurrentSession): Promise<Reply>
  /** Whether it needs a recent proof. */
  readonly guarded: boolean
}

/** Shows recovery codes, in this one answer. */
type ShowCodes = (x: Exchange, current: CurrentSession, codes: readonly Secret[], next: string | undefined) => Reply

type NotEnrolled = Extract<PasskeyEnrolment, { ok: false }>

const GONE = deny(401, 'sign-in-required')
const LONGEST_NAME = 320
const LAST = { form: 'Nothing else would let you in. Set a password or add another passkey first.' }

/** Words for what a person can do something about. */
const PROBLEMS = {
  refused: ['form', 'This device or key was not accepted. It may be in a list already, or it took too long. Try again.'],
  full: ['form', 'There are twenty already. Remove one first.'],
  'name-invalid': ['name', 'Write at most 80 characters that can be seen.'],
} as const

/** What the list of second factors shows of them. */
export async function shownPasskeys({ accounts, options }: DeskSetting, userId: string): Promise<FactorsModel['passkeys']> {
  const list = await accounts.passkeys.list(userId)
  const accepted = await accounts.passkeys.accepted(userId)
  return { list, accepted: accepted && JSON.stringify(accepted), script: scriptOf(options.signInPath) }
}

/** The addresses under `listPath`. */
export function passkeyLeaves(setting: DeskSetting, listPath: string, once: ShowCodes): [path: string, leaf: Leaf][] {
  const { accounts, options, emit, facts } = setting
  const { passkeys } = accounts
  const script = scriptOf(options.signInPath)

  function draw(x: Exchange, current: CurrentSession, next: string | undefined, more: Partial<EnrolPasskeyModel> = {}): Reply {
    const shown = { script, next, cancel: next ?? listPath, due: x.get(FactorDue), ...more }
    return page(enrolPasskeyPage({ ...facts(x, current), ...shown }), more.errors ? 422 : 200)
  }

  async function ask(x: Exchange, current: CurrentSession): Promise<Reply> {
    const purpose: PasskeyPurpose = sentForm(x).text('purpose') === 'security-key' ? 'security-key' : 'passkey'
    const ceremony = await passkeys.begin({ token: current.token.reveal(), purpose })
    return ceremony ? json(ceremony) : GONE
  }

  async function confirm(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const [name, next] = [sent.text('name').slice(0, LONGEST_NAME), nextOf(sent.text('next'))]
    const response = broughtBack(x)
    const made = await passkeys.confirm({ token: current.token.reveal(), response, name }, originOf(x))
    if (!made.ok) return await notEnrolled(x, current, made, { name, next, response })
    x.set(NextSession, made.token)
    if (made.recoveryCodes) return once(x, current, made.recoveryCodes, next)
    return sent.json ? json({ ok: true, passkey: made.passkey }) : seeOther(next ?? listPath)
  }

  interface Told {
    readonly name: string
    readonly next: string | undefined
    readonly response: unknown
  }

  async function notEnrolled(x: Exchange, current: CurrentSession, made: NotEnrolled, told: Told): Promise<Reply> {
    if (made.reason === 'denied') return GONE
    if (made.reason === 'throttled') return deny(429, 'too-many-attempts', { head: { 'retry-after': String(made.retryAfter) } })
    if (sentForm(x).json) return deny(422, `enrolment-${made.reason}`)
    const [at, words] = PROBLEMS[made.reason]
    const unknown = await unknownTo(current, told.response)
    return draw(x, current, told.next, { errors: { [at]: words }, name: told.name.slice(0, 80), unknown })
  }

  /** What was made and refused lies in the authenticator all the same; the browser is told to forget it, unless it is one of theirs. */
  async function unknownTo({ principal }: CurrentSession, response: unknown): Promise<string | undefined> {
    const id: unknown = typeof response === 'object' && response !== null ? Reflect.get(response, 'id') : undefined
    const accepted = await passkeys.accepted(principal.id)
    const sound = typeof id === 'string' && /^[\w-]{16,1364}$/.test(id)
    if (!sound || accepted === undefined || accepted.allAcceptedCredentialIds.includes(id)) return undefined
    return JSON.stringify({ rpId: accepted.rpId, credentialId: id })
  }

  async function showOne(
    x: Exchange,
    current: CurrentSession,
    id = queryText(x, 'passkey'),
    errors?: PasskeyModel['errors'],
  ): Promise<Reply> {
    const { id: userId } = current.principal
    const owned = await passkeys.list(userId)
    const passkey = owned.find((one) => one.id === id)
    if (passkey === undefined) return notTheirs(x)
    const { kinds } = await accounts.factors.of(userId)
    const last = owned.length === 1 && kinds.every((kind) => kind === 'passkey' || kind === 'recovery-codes')
    return page(passkeyPage({ ...facts(x, current), passkey, last, errors }), errors ? 422 : 200)
  }

  /** One's own only: the user's id stands beside the passkey's in the question to the store (L95). */
  function notTheirs(x: Exchange): Reply {
    emit({ type: 'authz_fail', data: { code: 'not-found', reason: 'passkey of nobody or of another user' } }, x)
    return NOT_FOUND
  }

  async function rename(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const id = sent.text('passkey')
    const renamed = await passkeys.rename(current.principal.id, id, sent.text('name').slice(0, LONGEST_NAME))
    if (renamed === 'unknown-passkey') return notTheirs(x)
    if (renamed === 'name-invalid')
      return sent.json
        ? deny(422, 'name-invalid')
        : await showOne(x, current, id, { name: 'Write 1 to 80 characters that can be seen.' })
    return sent.json ? json({ ok: true }) : seeOther(listPath)
  }

  async function remove(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const { session, principal } = current
    const actor = { kind: 'user', id: principal.id } as const
    const more = { keepSession: session.id, exchange: x }
    const removed = await passkeys.remove(principal.id, sent.text('passkey'), actor, more)
    if (!removed.ok && removed.reason === 'unknown-passkey') return notTheirs(x)
    if (!removed.ok) return sent.json ? deny(409, 'last-way-in') : await showOne(x, current, sent.text('passkey'), LAST)
    return sent.json ? json({ ok: true }) : seeOther(listPath)
  }

  const toList = () => seeOther(listPath)
  const at = `${listPath}/passkeys`
  return [
    [at, { show: (x, current) => draw(x, current, nextOf(queryText(x, 'next'))), act: confirm, guarded: true }],
    [`${at}/options`, { act: ask, guarded: true }],
    [`${at}/one`, { show: (x, current) => showOne(x, current), guarded: false }],
    [`${at}/rename`, { show: toList, act: rename, guarded: true }],
    [`${at}/remove`, { show: toList, act: remove, guarded: true }],
  ]
}

/** What programs may do there, for the description of the API. */
export function passkeyOperations(listPath: string): readonly Operation[] {
  const at = `${listPath}/passkeys`
  const one = { passkey: { type: 'string' } }
  const ceremony = objectOf({ publicKey: { type: 'object' } })
  const refused = { 401: { what: 'A recent proof is missing.' }, 403: { what: 'A stronger one is.' } }
  const theirs = { ...refused, 404: { what: 'None of yours.' } }
  const response = { type: ['object', 'string'], description: 'PublicKeyCredential.toJSON(), or that as text.' }
  const codes = { type: 'array', items: { type: 'string' } }
  const enrolled = objectOf({ ok: { const: true }, passkey: { type: 'object' }, recoveryCodes: codes }, [
    'passkey',
    'recoveryCodes',
  ])
  const done = { what: 'Done.', schema: objectOf({ ok: { const: true } }) }
  return [
    {
      ...{ method: 'post', path: `${at}/options`, id: 'askToEnrolPasskey', as: 'session' },
      what: 'What navigator.credentials.create is asked: once, and within five minutes.',
      body: objectOf({ purpose: { enum: ['passkey', 'security-key'] } }, ['purpose']),
      answers: { 200: { what: 'The options.', schema: ceremony }, ...refused },
    },
    {
      ...{ method: 'post', path: at, id: 'enrolPasskey', as: 'session' },
      what: 'Enrols a passkey or security key; the first factor brings recovery codes, once.',
      body: objectOf({ response, name: { type: 'string' }, next: { type: 'string' } }, ['name', 'next']),
      answers: { 200: { what: 'Enrolled.', schema: enrolled }, ...refused, 422: { what: 'It is not accepted.' } },
    },
    {
      ...{ method: 'post', path: `${at}/rename`, id: 'renamePasskey', as: 'session' },
      what: 'Names one of yours.',
      body: objectOf({ ...one, name: { type: 'string' } }),
      answers: { 200: done, ...theirs, 422: { what: 'The name is not one.' } },
    },
    {
      ...{ method: 'post', path: `${at}/remove`, id: 'removePasskey', as: 'session' },
      what: 'Removes one of yours, and ends your other sessions.',
      body: objectOf(one),
      answers: { 200: done, ...theirs, 409: { what: 'Nothing else would let you in.' } },
    },
  ]
}

/** Where one is added, and where one goes on to from there. */
export function passkeysPath(listPath: string, next: string | undefined): string {
  return next === undefined ? `${listPath}/passkeys` : `${listPath}/passkeys?next=${encodeURIComponent(next)}`
}

/** Where the sign-in control serves it, with its version. */
function scriptOf(signInPath: string): string {
  return `${signInPath}/passkey.js?v=${passkeyScriptVersion}`
}

/** A path of our own to go on to; never one that leads away. */
function nextOf(text: string): string | undefined {
  const path = localPath(text)
  return path === '/' ? undefined : path
}
