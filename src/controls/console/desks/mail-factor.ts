/**
 * Codes in letters as one's second factor: turned on by a code that was read in the mailbox, and turned off. Both ask for a proof of the
 * last ten minutes. Source: OWASP Multifactor Authentication Cheat Sheet, "Changing MFA factors"; OWASP ASVS 5.0, 6.5 and 7.5.1.
 */
import type { MailFactorBegun, MailFactorEnrolled } from '../../../accounts/types.ts'
import { json, originOf, sentForm } from '../../../console/form.ts'
import { mailFactorPage, recoveryCodesPage, type MailFactorModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { NextSession, type CurrentSession } from '../../session/slot.ts'
import { isRecent, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

type Refused = Extract<MailFactorBegun | MailFactorEnrolled, { ok: false }>

const PROVE = deny(401, 'recent-proof-required', { reason: 'changing a second factor' })
const STRONGER = deny(403, 'stronger-proof-required', { reason: 'changing a second factor' })
const LONGEST_CODE = 64

/** Words for what a person can do something about. */
const PROBLEMS: Readonly<Record<Exclude<Refused['reason'], 'denied' | 'throttled'>, string>> = {
  code: 'This code is not right, or it is not good any more. Only the newest letter counts.',
  'mail-alone':
    'You came in by mail, and a second look into the same mailbox is no second step. Sign in with your password first.',
  'no-address': 'There is no address of yours that is verified.',
  stronger: 'You have a second factor already.',
}

const ON = objectOf({ ok: { const: true }, recoveryCodes: { type: 'array', items: { type: 'string' } } }, ['recoveryCodes'])

export const mailFactor: ConsoleDesk = {
  name: 'mailFactor',
  at: ({ path, mailCodes }) => (mailCodes ? { path: `${path}/mail-codes`, label: 'Codes by mail' } : undefined),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/mail-codes`,
      id: 'getMailFactor',
      what: 'Whether codes in letters are the second factor.',
      as: 'session',
      answers: { 200: { what: 'Whether they are.', schema: objectOf({ on: { type: 'boolean' } }) } },
    },
    {
      method: 'post',
      path: `${path}/mail-codes/send`,
      id: 'beginMailFactor',
      what: 'Sends the code that turns codes in letters on as a second factor.',
      as: 'session',
      body: objectOf({}),
      answers: {
        202: { what: 'On its way.', schema: objectOf({ ok: { const: true } }) },
        422: { what: 'They cannot be turned on.' },
      },
    },
    {
      method: 'post',
      path: `${path}/mail-codes/confirm`,
      id: 'confirmMailFactor',
      what: 'Turns them on with that code; recovery codes come with the first second factor, once.',
      as: 'session',
      body: objectOf({ code: { type: 'string' } }),
      answers: { 200: { what: 'They are on.', schema: ON }, 422: { what: 'Not the code.' }, 429: { what: 'Too many attempts.' } },
    },
    {
      method: 'post',
      path: `${path}/mail-codes/remove`,
      id: 'removeMailFactor',
      what: 'Turns them off.',
      as: 'session',
      body: objectOf({}),
      answers: { 200: { what: 'They are off.', schema: objectOf({ ok: { const: true } }) } },
    },
  ],
  start: mailFactorDesk,
}

function mailFactorDesk({ options, accounts, facts }: DeskSetting): Serve {
  const { factors, mailFactor: service } = accounts
  const path = `${options.path}/mail-codes`

  const acts = new Map([
    [`${path}/send`, send],
    [`${path}/confirm`, confirm],
    [`${path}/remove`, remove],
  ])

  async function stateOf({ principal }: CurrentSession): Promise<MailFactorModel['state']> {
    const { kinds } = await factors.of(principal.id)
    if (kinds.includes('email')) return 'on'
    return kinds.length > 0 ? 'needless' : 'off'
  }

  async function show(x: Exchange, current: CurrentSession): Promise<Reply> {
    const state = await stateOf(current)
    return sentForm(x).json ? json({ on: state === 'on' }) : page(render(x, current, { state }))
  }

  async function send(x: Exchange, current: CurrentSession): Promise<Reply> {
    const result = await service.begin(current.token.reveal(), originOf(x))
    if (!result.ok) return refuse(x, current, result, await stateOf(current))
    return sentForm(x).json ? json({ ok: true }, 202) : page(render(x, current, { state: 'typing' }))
  }

  async function confirm(x: Exchange, current: CurrentSession): Promise<Reply> {
    const code = sentForm(x).text('code').slice(0, LONGEST_CODE)
    const result = await service.confirm({ token: current.token.reveal(), code }, originOf(x))
    if (!result.ok) return refuse(x, current, result, 'typing')
    x.set(NextSession, result.token)
    const codes = result.recoveryCodes?.map((one) => one.reveal())
    if (sentForm(x).json) return json({ ok: true, ...(codes && { recoveryCodes: codes }) })
    return codes ? page(recoveryCodesPage({ ...facts(x, current), codes, onward: path })) : seeOther(path)
  }

  async function remove(x: Exchange, { principal: { id }, session }: CurrentSession): Promise<Reply> {
    await service.remove(id, { keepSession: session.id, from: originOf(x) })
    return sentForm(x).json ? json({ ok: true }) : seeOther(path)
  }

  function refuse(x: Exchange, current: CurrentSession, result: Refused, state: MailFactorModel['state']): Reply {
    if (result.reason === 'denied') return deny(401, 'sign-in-required')
    if (result.reason === 'throttled') {
      return deny(429, 'too-many-attempts', { head: { 'retry-after': String(result.retryAfter) } })
    }
    if (sentForm(x).json) return deny(422, `mail-factor-${result.reason}`)
    const errors = { [result.reason === 'code' ? 'code' : 'form']: PROBLEMS[result.reason] }
    return page(render(x, current, { state, errors }), 422)
  }

  function render(x: Exchange, current: CurrentSession, more: Pick<MailFactorModel, 'state' | 'errors'>) {
    return mailFactorPage({ ...facts(x, current), path, ...more })
  }

  /** A recent proof; of who has a second factor already, by that one. */
  async function guard(x: Exchange, current: CurrentSession): Promise<Reply | undefined> {
    if (current.principal.aal < 2 && (await factors.of(current.principal.id)).kinds.length > 0) return STRONGER
    if (isRecent(x, current)) return undefined
    return sentForm(x).json ? PROVE : seeOther(`${options.againPath}?next=${encodeURIComponent(path)}`)
  }

  return async (x, current) => {
    const act = acts.get(x.path)
    if (act !== undefined) {
      if (x.method !== 'POST') return WRITE_ONLY
      return (await guard(x, current)) ?? (await act(x, current))
    }
    if (x.path !== path) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? await show(x, current) : READ_ONLY
  }
}
