/** What the doors that write letters share: that there is mail, what was typed, and the answer that is the same for everybody. */
import type { Sent } from '../../console/form.ts'
import { HoldfastError } from '../../engine/errors.ts'
import { objectOf, type OperationAnswer } from '../../http/openapi.ts'
import type { SafeHtml } from '../../html/html.ts'
import { html } from '../../html/html.ts'
import { LONGEST } from './desk.ts'
import type { BaseOptions } from './options.ts'

/** The letter is on its way, if there is anybody to get it. */
export const ASKED: OperationAnswer = {
  what: 'The same for everybody: if there is an account of this name with a verified address, a letter is on its way.',
  schema: objectOf({ ok: { const: true } }),
}

/** Throws HF_MAIL_MISSING where no letter can be sent: the door would be dead, and nobody would be told. */
export function needMail(option: string, { mail }: Pick<BaseOptions, 'mail'>): void {
  if (mail) return
  throw new HoldfastError('HF_MAIL_MISSING', `signIn.${option} writes letters, and there is no mail.`, {
    fix: 'Give the option `mail`, or leave this one out.',
  })
}

/** A login or an address that could be one, or what is wrong with it: that depends on what was typed alone. */
export function nameIn(
  sent: Sent,
): { readonly ok: true; readonly name: string } | { readonly ok: false; readonly words: string } {
  const name = sent.text('login').trim()
  if (name === '') return { ok: false, words: 'Write your name or your address of mail.' }
  return name.length > LONGEST.login ? { ok: false, words: 'Write at most 254 characters.' } : { ok: true, name }
}

/** The link under the form of the password. */
export function offerOf(path: string, next: string | undefined, words: string): SafeHtml {
  const to = next === undefined ? path : `${path}?next=${encodeURIComponent(next)}`
  return html`<a class="btn full" href="${to}">${words}</a>`
}
