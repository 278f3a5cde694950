/**
 * The enrolment of a passkey or a security key: a name for it, and a button for each. Until the device answered nothing has changed.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { dueNotice } from './factors.ts'
import { accountNav, errorSummary, field, pathsOf, titleOf, type PageModel } from './parts.ts'
import { passkeyForm } from './passkey-form.ts'

/** Form: `POST {base}/factors/passkeys` with `name`, `response`, `next` and the csrf field. */
export interface EnrolPasskeyModel extends PageModel<'name'> {
  readonly script: string
  /** What was typed. */
  readonly name?: string | undefined
  readonly due?: number | undefined
  /** Where the one who does not want to goes. */
  readonly cancel: string
  /** A passkey that was made and refused, as the browser is told: `{ rpId, credentialId }`, as JSON. */
  readonly unknown?: string | undefined
}

/** Returns the page. */
export function enrolPasskeyPage(model: EnrolPasskeyModel): SafeHtml {
  const { nonce, brand, errors, name, due, cancel, script, unknown } = model
  const { factors } = pathsOf(model)
  const fields = field({
    name: 'name',
    label: 'Name',
    hint: 'By which you will know it: "Telephone", "Blue key ring".',
    type: 'text',
    value: name,
    maxlength: 80,
    autocomplete: 'off',
    error: errors?.name,
    required: false,
  })
  const body = html`<div class="head">
      <div>
        <h1>Add a passkey or security key</h1>
        <p class="muted">No false page can ask for it: it answers this site alone.</p>
      </div>
    </div>
    ${errorSummary(errors, ['name'])} ${dueNotice(due)} ${unknown && html`<span data-passkey-unknown="${unknown}"></span>`}
    <section class="card">
      <div class="body stack">
        <dl class="facts">
          <dt>Passkey</dt>
          <dd>On this device, a telephone or in a password manager. You can sign in with it alone, without name and password.</dd>
          <dt>Security key</dt>
          <dd>A key that you plug in or hold to the device. It is asked for after your password.</dd>
        </dl>
        ${passkeyForm({
          ...model,
          action: `${factors}/passkeys`,
          options: `${factors}/passkeys/options`,
          script,
          ceremony: 'create',
          fields,
          buttons: [
            { label: 'Add a passkey', name: 'purpose', value: 'passkey', primary: true },
            { label: 'Add a security key', name: 'purpose', value: 'security-key' },
          ],
        })}
        <div class="row"><a class="btn" href="${cancel}">Not now</a></div>
      </div>
    </section>`
  const title = titleOf('Add a passkey or security key', errors)
  return layout({ title, nonce, body, brand, ...accountNav(model, 'factors') })
}
