/** Makes the letter that is read out of what was put down: subject, text and HTML. */
import { html } from '../../html/html.ts'
import { letters, type Posted } from './index.ts'
import type { Letter, LetterSetting } from './letter.ts'
import { frame } from './frame.ts'

export interface Rendered {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Throws for a letter that this version does not know: another process may, or the next version. */
export function renderLetter({ letter: name, data }: Omit<Posted, 'to'>, setting: LetterSetting): Rendered {
  if (!Object.hasOwn(letters, name)) throw new Error(`There is no letter ${JSON.stringify(name)}.`)
  const letter: Letter<any> = letters[name]
  const subject = letter.subject(setting)
  return {
    subject,
    text: letter.text(data, setting),
    html: html`${frame({ title: subject, body: letter.html(data, setting) }, setting)}`.toString(),
  }
}
