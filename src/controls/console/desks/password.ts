/**
 * One's password, for the person: replaced after a proof of the last ten minutes, or with the password there is. Whoever has a second
 * factor proves by that one: a password alone may have been watched. It also shows, and stops, a delayed recovery.
 * Source: OWASP ASVS 5.0, 6.2.2, 6.2.3 and 7.4.3; OWASP Authentication Cheat Sheet, "Change Password Feature".
 */
import type { NewSession, PasswordSet } from '../../../accounts/types.ts'
import { json, originOf, sentForm, type Sent } from '../../../console/form.ts'
import { passwordPage, type PasswordModel } from '../../../console/pages/index.ts'
import { passwordProblem } from '../../../console/password-problems.ts'
import { HasherBusy } from '../../../crypto/password/hasher.ts'
import type { StrengthScore } from '../../../crypto/password/strength.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { isRecent, WRITE_ONLY, WRONG_METHOD, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

type Errors = PasswordModel['errors']
type NotSet = Extract<PasswordSet, { ok: false }>['reason']

const PROVE = deny(401, 'recent-proof-required', { reason: 'changing the password' })
const STRONGER = deny(403, 'stronger-proof-required', { reason: 'changing the password' })
const LONGEST = 1024

/** What is said of the password that was typed, by its score. */
const HINTS = [
  'What you typed would be guessed at once.',
  'What you typed would be guessed soon.',
  'What you typed could be guessed: make it longer.',
  'What you typed is good.',
  'What you typed is strong.',
] as const

export const password: ConsoleDesk = {
  name: 'password',
  at: ({ path }) => ({ path: `${path}/password`, label: 'Password' }),
  operations: ({ path }) => [
    {
      method: 'post',
      path: `${path}/password`,
      id: 'changePassword',
      what: "Changes one's password, and ends all other sessions.",
      as: 'session',
      body: objectOf({ current: { type: 'string' }, password: { type: 'string' } }, ['current']),
      answers: {
        200: DONE,
        401: { what: 'A recent proof is needed, or the current password is not right.' },
        403: { what: 'A proof by the second factor is needed.' },
        422: { what: 'The password may not be chosen.' },
        503: { what: 'Too much is being hashed.' },
      },
    },
    {
      method: 'post',
      path: `${path}/password/cancel-recovery`,
      id: 'cancelRecovery',
      what: 'Stops the removal of the second factor that somebody asked for.',
      as: 'session',
      answers: { 200: DONE },
    },
  ],
  start: passwordDesk,
}

function passwordDesk({ options, accounts, facts }: DeskSetting): Serve {
  const { credentials, recoveries, factors, doors } = accounts
  const path = `${options.path}/password`

  async function show(x: Exchange, current: CurrentSession, more: Partial<PasswordModel> = {}, status = 200): Promise<Reply> {
    const { id } = current.principal
    const due = (await recoveries.of(id))?.dueAt
    const notice = x.search === '?changed' && status === 200 ? 'Your password is changed.' : undefined
    const shortest = await credentials.shortest(id)
    const saysStrength = credentials.strength !== undefined
    const asked = { saysStrength, action: path, asksCurrent: !isRecent(x, current), shortest, recoveryDue: due, notice }
    return page(passwordPage({ ...facts(x, current), ...asked, ...more }), status)
  }

  async function change(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const strength = sent.text('check') === '' ? undefined : strengthOf(sent, current)
    if (strength !== undefined) return sent.json ? json({ strength }) : await show(x, current, { strength: HINTS[strength] })
    const mistakes = mistakesIn(sent)
    if (mistakes) return await refuse(x, current, 422, 'password-refused', mistakes)
    if (isRecent(x, current)) return await set(x, current, sent)
    const proved = await prove(x, current, sent.text('current'))
    return 'status' in proved ? proved : await set(x, { ...current, ...proved }, sent)
  }

  /** Said, and nothing is set. */
  function strengthOf(sent: Sent, { principal }: CurrentSession): StrengthScore | undefined {
    return credentials.strength?.(new Secret(sent.text('password').slice(0, LONGEST)), principal)
  }

  /** The current password; the session has a new token then, whatever becomes of the change. */
  async function prove(x: Exchange, current: CurrentSession, given: string): Promise<NewSession | Reply> {
    if (given === '')
      return sentForm(x).json ? PROVE : await refuse(x, current, 401, '', { current: 'Give your current password.' })
    const credential = { token: current.token.reveal(), password: new Secret(given.slice(0, LONGEST)) }
    const result = await doors.password.proveAgain(credential, originOf(x))
    if (result.ok) {
      x.set(NextSession, result.token)
      return result
    }
    if (result.reason === 'second-factor') return sentForm(x).json ? PROVE : seeOther(again())
    if (result.reason === 'denied')
      return await refuse(x, current, 401, 'sign-in-failed', { current: 'This is not your password.' })
    if (result.reason === 'too-many-sessions' || result.reason === 'leaving') throw new Error('A new proof opened a session.')
    const [status, code] = result.reason === 'throttled' ? ([429, 'too-many-attempts'] as const) : ([503, 'busy'] as const)
    return deny(status, code, { head: { 'retry-after': String(result.retryAfter) } })
  }

  async function set(x: Exchange, current: CurrentSession, sent: Sent): Promise<Reply> {
    const { id } = current.principal
    const next = new Secret(sent.text('password'))
    try {
      const done = await credentials.setPassword(id, next, { kind: 'user', id }, { keepSession: current.session.id, exchange: x })
      if (done.ok) return sent.json ? json({ ok: true }) : seeOther(`${path}?changed`)
      return await refuseChoice(x, current, done.reason)
    } catch (error) {
      if (!(error instanceof HasherBusy)) throw error
      return deny(503, 'busy', { head: { 'retry-after': String(error.retryAfter) } })
    }
  }

  async function refuseChoice(x: Exchange, current: CurrentSession, reason: NotSet): Promise<Reply> {
    if (reason === 'unknown-user' || reason === 'service-account') return deny(401, 'sign-in-required')
    const words = passwordProblem(reason, await credentials.shortest(current.principal.id))
    return await refuse(x, current, 422, 'password-refused', { password: words }, reason)
  }

  async function refuse(
    x: Exchange,
    current: CurrentSession,
    status: number,
    code: string,
    errors: NonNullable<Errors>,
    reason?: string,
  ): Promise<Reply> {
    if (sentForm(x).json) return deny(status, code, { reason: reason ?? Object.keys(errors).join() })
    return await show(x, current, { errors }, status)
  }

  /** Of who has a second factor, by that one. */
  async function guard(x: Exchange, current: CurrentSession): Promise<Reply | undefined> {
    const { principal } = current
    const enrolled = (await factors.of(principal.id)).kinds.length > 0
    if (!enrolled) return undefined
    if (principal.aal < 2) return STRONGER
    if (isRecent(x, current)) return undefined
    return x.method !== 'POST' || sentForm(x).json ? PROVE : seeOther(again())
  }

  function again(): string {
    return `${options.againPath}?next=${encodeURIComponent(path)}`
  }

  async function cancel(x: Exchange, { principal: { id } }: CurrentSession): Promise<Reply> {
    await recoveries.cancel(id, { kind: 'user', id }, x)
    return sentForm(x).json ? json({ ok: true }) : seeOther(path)
  }

  return async (x, current) => {
    if (x.path === `${path}/cancel-recovery`) return x.method === 'POST' ? await cancel(x, current) : WRITE_ONLY
    if (x.path !== path) return undefined
    const shows = x.method === 'GET' || x.method === 'HEAD'
    if (!shows && x.method !== 'POST') return WRONG_METHOD
    // To see that somebody wants the factor gone, and to stop it, needs no new proof.
    if (shows) return await show(x, current)
    return (await guard(x, current)) ?? (await change(x, current))
  }
}

/** What can be seen without asking anybody. A program that sends JSON does not mistype. */
function mistakesIn(sent: Sent): Errors {
  const [next, nextAgain] = [sent.text('password'), sent.text('passwordAgain')]
  if (next === '' || next.length > LONGEST) return { password: 'Choose a password of at most 256 characters.' }
  return sent.json || next === nextAgain ? undefined : { passwordAgain: 'The two passwords are not the same.' }
}
