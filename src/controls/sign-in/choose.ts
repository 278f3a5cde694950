/** What the two pages share on which somebody without a session chooses a password. */
import type { Choosing, PasswordChosen } from '../../accounts/types.ts'
import { json, type Sent } from '../../console/form.ts'
import { choosePasswordPage, type ChoosePasswordModel, type PasswordField } from '../../console/pages/index.ts'
import { passwordProblem } from '../../console/password-problems.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../engine/reply.ts'
import { LONGEST, model, type Desk } from './desk.ts'

interface Chosen {
  readonly x: Exchange
  readonly sent: Sent
  readonly form: Pick<ChoosePasswordModel, 'action' | 'token' | 'why'>
  /** Whose password it is; `undefined` when whatever allowed it is over. */
  readonly choosing: Choosing | undefined
  readonly set: (password: string) => Promise<PasswordChosen>
  readonly expired: () => Reply
}

/** The form. */
export function showChoice(
  desk: Desk,
  x: Exchange,
  { login, shortest }: Choosing,
  more: Pick<ChoosePasswordModel, 'action' | 'token' | 'why' | 'errors'>,
  status = 200,
): Reply {
  return page(choosePasswordPage({ ...model(desk, x), login, shortest, ...more }), status)
}

/** What the form does: the password is set, and the one whose it is signs in with it. */
export async function actOnChoice(desk: Desk, { x, sent, form, choosing, set, expired }: Chosen): Promise<Reply> {
  if (choosing === undefined) return expired()
  const refuse = (status: number, code: string, reason: string, errors: ChoosePasswordModel['errors'], head = {}) => {
    if (sent.json) return deny(status, code, { reason, head })
    const reply = showChoice(desk, x, choosing, { ...form, errors }, status)
    return { ...reply, head: { ...reply.head, ...head } }
  }
  const mistakes = mistakesIn(sent)
  if (mistakes) return refuse(422, 'password-refused', Object.keys(mistakes).join(), mistakes)
  const chosen = await set(sent.text('password'))
  if (chosen.ok) return sent.json ? json({ ok: true }) : seeOther(`${desk.options.path}?password-set`)
  if (chosen.reason === 'expired') return expired()
  if (chosen.reason === 'busy') {
    const words = { form: 'The server is busy. Try again in a few seconds.' }
    return refuse(503, 'busy', 'busy', words, { 'retry-after': String(Math.max(1, Math.ceil(chosen.retryAfter))) })
  }
  return refuse(422, 'password-refused', chosen.reason, { password: passwordProblem(chosen.reason, choosing.shortest) })
}

/** What can be seen without asking anybody. A program that sends JSON does not mistype. */
export function mistakesIn(sent: Sent): Partial<Record<PasswordField, string>> | undefined {
  const [password, passwordAgain] = [sent.text('password'), sent.text('passwordAgain')]
  if (password === '' || password.length > LONGEST.password) return { password: 'Choose a password of at most 256 characters.' }
  return sent.json || password === passwordAgain ? undefined : { passwordAgain: 'The two passwords are not the same.' }
}
