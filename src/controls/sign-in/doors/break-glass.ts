/**
 * The page of the sealed account: what was in the envelope, or in both. It stands apart, and no other page leads to it. It remembers nobody and makes
 * no tokens. Source: NIST SP 800-53 AC-2(2); OWASP ASVS 5.0 6.4.5.
 */
import { json, sentForm } from '../../../console/form.ts'
import { breakGlassPage, type BreakGlassModel } from '../../../console/pages/index.ts'
import { timeText } from '../../../console/time.ts'
import { milliseconds, type Duration } from '../../../engine/duration.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { invalid, withDefaults } from '../../../engine/options.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { NextSession, Session } from '../../session/slot.ts'
import { SIGNED_IN } from '../answers.ts'
import { destination, model, originOf, queryText, turnAway, type Desk } from '../desk.ts'
import { AsTokens } from '../slot.ts'
import { defineDoor, type Page } from './door.ts'

export interface BreakGlassInput {
  /** How long it is open; nothing extends it. Five minutes to four hours. @default '1h' */
  readonly life?: Duration
}

/** In milliseconds. */
export interface BreakGlassOptions {
  readonly life: number
}

const MINUTE = 60_000
const LONGEST_PART = 64
const WRONG = { code: 'sign-in-failed', words: 'This opens nothing.' }
const at = (path: string) => `${path}/break-glass`

/** `undefined` where it is off. Throws HF_OPTION_INVALID. */
export function readBreakGlass(input: BreakGlassInput | boolean | undefined): BreakGlassOptions | undefined {
  if (input === undefined || input === false) return undefined
  const { life } = withDefaults<Required<BreakGlassInput>>('signIn.breakGlass', { life: '1h' }, input === true ? {} : input)
  const read = milliseconds('signIn.breakGlass.life', life)
  if (read < 5 * MINUTE || read > 240 * MINUTE) invalid('signIn.breakGlass.life', life, `Write five minutes to four hours: '1h'.`)
  return { life: read }
}

export const breakGlass = defineDoor<BreakGlassOptions>({
  name: 'breakGlass',
  read: ({ breakGlass: input }) => readBreakGlass(input),
  paths: (_, { path }) => [{ path: at(path), open: true }],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: at(path),
      id: 'openBreakGlass',
      what: 'Opens the sealed account with what was in the envelope, once; `second` is of the other envelope, where there are two.',
      as: 'anybody',
      body: objectOf({ first: { type: 'string' }, second: { type: 'string' }, next: { type: 'string' } }, ['second', 'next']),
      answers: {
        200: { ...SIGNED_IN },
        401: { what: 'Not right, or used.' },
        403: { what: 'A second person has to say yes before.' },
        429: { what: 'Too many attempts.' },
      },
    },
  ],
  start: (desk) => ({ pages: { [at(desk.options.path)]: openSealed(desk) } }),
})

function openSealed(desk: Desk): Page {
  const { options, accounts } = desk

  function render(x: Exchange, next: string, more: Partial<BreakGlassModel> = {}) {
    return breakGlassPage({ ...model(desk, x), action: at(options.path), next: destination(desk, next), ...more })
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    if (x.get(AsTokens)) return deny(400, 'tokens-not-offered', { reason: 'the sealed account makes none' })
    const [first, second, next] = [sent.text('first'), sent.text('second'), sent.text('next')]
    const parts = [first, second].map((part) => part.slice(0, LONGEST_PART + 1))
    const replaces = x.get(Session)?.token.reveal()
    const result = await accounts.doors.breakGlass.open({ parts, replaces }, originOf(x))
    if (result.ok) {
      // Not `Admitted`: nothing may remember this.
      x.set(NextSession, result.token)
      return sent.json ? json({ ok: true, next: destination(desk, next) }) : seeOther(destination(desk, next))
    }
    if (result.reason === 'approval') {
      if (sent.json) return deny(403, 'approval-pending')
      return page(
        render(x, next, {
          notice: `It is right. A second person has to approve it, until ${timeText(result.until)}; then send the same again.`,
        }),
        403,
      )
    }
    if (result.reason === 'second-factor')
      return deny(500, 'internal-error', { reason: 'the sealed account has a second factor' })
    return turnAway(sent, result, (words) => render(x, next, { errors: { form: words } }), WRONG)
  }

  return { show: (x) => page(render(x, queryText(x, 'next'))), act }
}
