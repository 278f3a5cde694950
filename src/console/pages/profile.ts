/** One's account: the name that others read, what one signs in with, everything that is kept as a file, and the end of it. */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { accountNav, errorSummary, field, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** Forms: `POST {action}/name` with `displayName`; `POST {action}/delete`; both with the csrf field. */
export interface ProfileModel extends PageModel<'displayName'> {
  readonly action: string
  readonly exportPath: string
  readonly displayName: string
  readonly roles: readonly string[]
  readonly address: { readonly text: string; readonly verified: boolean } | undefined
  /** How long a deletion can be taken back; absent where nobody deletes their own account. */
  readonly graceDays: number | undefined
}

/** Returns the page. */
export function profilePage(model: ProfileModel): SafeHtml {
  const { nonce, brand, errors, notice, login, roles, address, exportPath } = model
  const body = html`<h1>Profile</h1>
    ${noticeOf(notice)} ${errorSummary(errors, ['displayName'])}
    <section class="card" aria-label="You">
      <div class="body stack">
        <p>You sign in as <b>${login}</b>${roles.length > 0 && html`, as ${roles.join(', ')}`}.</p>
        <p>
          ${address === undefined ? 'There is no address of yours.' : html`Your address is <b>${address.text}</b>, ${address.verified ? 'confirmed' : 'not confirmed'}.`}
        </p>
        ${nameForm(model)}
      </div>
    </section>
    <section class="card" aria-label="Your data">
      <div class="body stack">
        <p>Everything that is kept of your account, without secrets, as one file.</p>
        <p><a class="btn" href="${exportPath}">Get it</a></p>
      </div>
    </section>
    ${endForm(model)}`
  return layout({ title: titleOf('Profile', errors), nonce, body, brand, ...accountNav(model, 'profile') })
}

function nameForm({ action, csrf, displayName, errors }: ProfileModel): SafeHtml {
  return html`<form class="stack" method="post" action="${`${action}/name`}">
    ${hiddenFields({ csrf })}
    ${field({
      name: 'displayName',
      label: 'Name',
      hint: 'What others read. You go on signing in as before.',
      type: 'text',
      value: displayName,
      maxlength: 256,
      autocomplete: 'name',
      error: errors?.displayName,
    })}
    <div class="row stretch"><button class="btn primary" type="submit">Change the name</button></div>
  </form>`
}

function endForm({ action, csrf, graceDays }: ProfileModel): SafeHtml | undefined {
  if (graceDays === undefined) return undefined
  return html`<section class="card" aria-label="Delete the account">
    <form class="body stack" method="post" action="${`${action}/delete`}">
      ${hiddenFields({ csrf })}
      <p>
        Delete the account: it is shut at once, everywhere, and after ${graceDays} days everything in it is deleted for good. Until then a
        link in a letter keeps it.
      </p>
      <div class="row stretch"><button class="btn outline-danger" type="submit">Delete my account</button></div>
    </form>
  </section>`
}
