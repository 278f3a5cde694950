/** Fields that nobody sees. What stands in a plain one is the visitor's word; a sealed one comes back as the server wrote it, or not at all. */
import { html } from '../../html/html.ts'
import { ok, type Field } from '../field.ts'
import { textField } from './text.ts'

export interface HiddenOptions {
  /** Most characters. @default 200 */
  readonly max?: number
}

/** A value that the page carries and anybody may change: a place to return to, a tab. Never a price, an owner or a role. */
export function hidden({ max = 200 }: HiddenOptions = {}): Field<string> {
  return hide(textField({ kind: 'hidden', max: 200 }, { label: 'Hidden', max, required: false }))
}

/** A value that the server gives to the page and believes when it comes back: encrypted, for this form, field and visitor. */
export function sealed({ max = 200 }: HiddenOptions = {}): Field<string> {
  const field = hide(textField({ kind: 'sealed', max: 200 }, { label: 'Sealed', max, trim: false }))
  // It was opened before it comes here, and stands as it was written.
  return { ...field, secret: true, fromTexts: ([value]) => ok(value), fromJson: (value) => ok(value) }
}

function hide(field: Field<string>): Field<string> {
  const control: Field['control'] = ({ id, name, texts }) =>
    html`<input type="hidden" id="${id}" name="${name}" value="${texts[0] ?? ''}" />`
  return { ...field, shape: 'hidden', control }
}
