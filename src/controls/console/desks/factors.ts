/**
 * One's second factor, for the person: see it, enrol it, move it, remove it, and get recovery codes. Whatever changes something asks
 * for a proof of the last ten minutes, because whoever finds an unlocked screen would lock the owner out with it for good.
 * Source: OWASP ASVS 5.0, 6.5 and 7.5.1; OWASP Multifactor Authentication Cheat Sheet, "Changing MFA factors".
 */
import type { FactorEnrolment } from '../../../accounts/types.ts'
import { json, originOf, queryText, sentForm } from '../../../console/form.ts'
import {
  confirmFactorPage,
  enrolTotpPage,
  factorsPage,
  recoveryCodesPage,
  type EnrolTotpModel,
} from '../../../console/pages/index.ts'
import type { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { localPath } from '../../../http/redirect.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { FactorDue } from '../../sign-in/slot.ts'
import { isRecent, READ_ONLY, WRITE_ONLY, WRONG_METHOD, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'
import { passkeyLeaves, passkeyOperations, passkeysPath, shownPasskeys, type Leaf } from './passkeys.ts'

type NotEnrolled = Extract<FactorEnrolment, { ok: false }>

const PROVE = deny(401, 'recent-proof-required', { reason: 'changing a second factor' })
const STRONGER = deny(403, 'stronger-proof-required', { reason: 'changing a second factor' })
const LONGEST_CODE = 64
const TEXT = { type: 'string' } as const
const CODES = objectOf({ ok: { const: true }, recoveryCodes: { type: 'array', items: TEXT } }, ['recoveryCodes'])

/** Words for what a person can do something about. */
const PROBLEMS = {
  code: 'This is not the code of this key. Wait for the next one; if that is wrong too, check the clock of the device.',
  expired: 'That took too long. This is a new key: scan it, and type its code.',
} as const

export const factors: ConsoleDesk = {
  name: 'factors',
  at: ({ path }) => ({ path: `${path}/factors`, label: 'Second factor' }),
  operations: ({ path, passkeys }) => [
    {
      method: 'get',
      path: `${path}/factors`,
      id: 'listFactors',
      what: 'Says what second factors one has.',
      as: 'session',
      answers: { 200: { what: 'What is enrolled.', schema: { type: 'object', required: ['kinds', 'recoveryCodesLeft'] } } },
    },
    {
      method: 'get',
      path: `${path}/factors/totp`,
      id: 'beginTotp',
      what: 'Gives a secret to enrol; it counts only after a code of it was sent. Asks for a proof of the last ten minutes.',
      as: 'session',
      answers: { 200: { what: 'The secret, for this session.', schema: objectOf({ secret: TEXT, uri: TEXT }) } },
    },
    {
      method: 'post',
      path: `${path}/factors/totp`,
      id: 'enrolTotp',
      what: 'Enrols the secret by its first code.',
      as: 'session',
      body: objectOf({ code: TEXT }),
      answers: {
        200: { what: 'Enrolled; with recovery codes, shown once, when it is the first factor.', schema: CODES },
        422: { what: 'Not the code, or too late.' },
      },
    },
    {
      method: 'post',
      path: `${path}/factors/totp/remove`,
      id: 'removeTotp',
      what: 'Removes the authenticator app.',
      as: 'session',
      answers: { 200: DONE },
    },
    {
      method: 'post',
      path: `${path}/factors/recovery-codes`,
      id: 'renewRecoveryCodes',
      what: 'Makes ten new recovery codes and shows them, once.',
      as: 'session',
      answers: { 200: { what: 'The codes.', schema: CODES }, 409: { what: 'There is no second factor.' } },
    },
    ...(passkeys ? passkeyOperations(`${path}/factors`) : []),
  ],
  start: factorsDesk,
}

function factorsDesk(setting: DeskSetting): Serve {
  const { options, accounts, facts } = setting
  const { factors, passkeys } = accounts
  const { brand } = options
  const offered = options.passkeys && passkeys.on
  const listPath = `${options.path}/factors`

  const leaves = new Map<string, Leaf>([
    [listPath, { show: list, guarded: false }],
    [`${listPath}/totp`, { show: enrol, act: confirm, guarded: true }],
    [`${listPath}/totp/remove`, { show: (x, current) => ask(x, current, 'remove'), act: remove, guarded: true }],
    [`${listPath}/recovery-codes`, { show: (x, current) => ask(x, current, 'renew-codes'), act: renewCodes, guarded: true }],
    ...(offered ? passkeyLeaves(setting, listPath, once) : []),
  ])

  async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
    const { id } = current.principal
    const { kinds, totpSince, recoveryCodesLeft } = await factors.of(id)
    const listed = offered ? { passkeys: await passkeys.list(id) } : {}
    if (sentForm(x).json) return json({ kinds, totpSince, recoveryCodesLeft, ...listed })
    const shown = offered ? await shownPasskeys(setting, id) : undefined
    return page(factorsPage({ ...facts(x, current), totpSince, recoveryCodesLeft, passkeys: shown, due: x.get(FactorDue) }))
  }

  async function enrol(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (!sentForm(x).json) return await draw(x, current, nextOf(queryText(x, 'next')))
    const { secret, uri } = await draftOf(current)
    return json({ secret: secret.reveal(), uri: uri.reveal() })
  }

  async function confirm(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const [code, next] = [sent.text('code'), nextOf(sent.text('next'))]
    const result = await factors.confirm({ token: current.token.reveal(), code: code.slice(0, LONGEST_CODE) }, originOf(x))
    if (!result.ok) return await notEnrolled(x, current, result, next)
    x.set(NextSession, result.token)
    if (result.recoveryCodes) return once(x, current, result.recoveryCodes, next)
    return sent.json ? json({ ok: true }) : seeOther(next ?? listPath)
  }

  async function notEnrolled(
    x: Exchange,
    current: CurrentSession,
    result: NotEnrolled,
    next: string | undefined,
  ): Promise<Reply> {
    if (result.reason === 'denied') return deny(401, 'sign-in-required')
    if (result.reason === 'throttled') {
      return deny(429, 'too-many-attempts', { head: { 'retry-after': String(result.retryAfter) } })
    }
    if (sentForm(x).json) return deny(422, `enrolment-${result.reason}`)
    return await draw(x, current, next, { code: PROBLEMS[result.reason] })
  }

  async function draw(
    x: Exchange,
    current: CurrentSession,
    next: string | undefined,
    errors?: EnrolTotpModel['errors'],
  ): Promise<Reply> {
    const { secret, uri } = await draftOf(current)
    const instead = offered ? passkeysPath(listPath, next) : undefined
    const more = { cancel: next ?? listPath, next, errors, instead, due: x.get(FactorDue) }
    const shown = { secret: secret.reveal(), uri: uri.reveal(), ...more }
    return page(enrolTotpPage({ ...facts(x, current), ...shown }), errors ? 422 : 200)
  }

  function draftOf({ session, principal }: CurrentSession) {
    return factors.begin(session, { issuer: brand, login: principal.login })
  }

  /** The codes, in this one answer. */
  function once(x: Exchange, current: CurrentSession, codes: readonly Secret[], next: string | undefined): Reply {
    const revealed = codes.map((code) => code.reveal())
    if (sentForm(x).json) return json({ ok: true, recoveryCodes: revealed })
    return page(recoveryCodesPage({ ...facts(x, current), codes: revealed, onward: next ?? listPath }))
  }

  async function ask(x: Exchange, current: CurrentSession, act: 'remove' | 'renew-codes'): Promise<Reply> {
    const { kinds } = await factors.of(current.principal.id)
    const remains = kinds.includes('passkey')
    return kinds.length === 0 ? seeOther(listPath) : page(confirmFactorPage({ ...facts(x, current), act, remains }))
  }

  async function remove(x: Exchange, { principal: { id }, session }: CurrentSession): Promise<Reply> {
    await factors.remove(id, { kind: 'user', id }, { keepSession: session.id, exchange: x })
    return sentForm(x).json ? json({ ok: true }) : seeOther(listPath)
  }

  async function renewCodes(x: Exchange, current: CurrentSession): Promise<Reply> {
    const { id } = current.principal
    const codes = await factors.renewCodes(id, { kind: 'user', id }, x)
    if (codes) return once(x, current, codes, undefined)
    return sentForm(x).json ? deny(409, 'no-second-factor') : seeOther(listPath)
  }

  /** A recent proof; of who has a second factor already, by that one. */
  async function guard(x: Exchange, current: CurrentSession): Promise<Reply | undefined> {
    const { principal } = current
    if (principal.aal < 2 && (await factors.of(principal.id)).kinds.length > 0) return STRONGER
    if (isRecent(x, current)) return undefined
    if (x.method !== 'POST' || sentForm(x).json) return PROVE
    // A form that was open for too long: the proof, and then the same form again.
    return seeOther(`${options.againPath}?next=${encodeURIComponent(x.path)}`)
  }

  return async (x, current) => {
    const leaf = leaves.get(x.path)
    if (leaf === undefined) return undefined
    const shows = x.method === 'GET' || x.method === 'HEAD'
    const does = shows ? leaf.show : x.method === 'POST' ? leaf.act : undefined
    if (does === undefined) return leaf.act ? (leaf.show ? WRONG_METHOD : WRITE_ONLY) : READ_ONLY
    const refusal = leaf.guarded ? await guard(x, current) : undefined
    return refusal ?? (await does(x, current))
  }
}

/** A path of our own to go on to; never one that leads away. */
function nextOf(text: string): string | undefined {
  const path = localPath(text)
  return path === '/' ? undefined : path
}
