/**
 * What the pages are made of: the fields of their model, and the parts of a form. Every input has a label, its hint and its error
 * are tied to it, and a password never comes back in a page.
 *
 * Source: WCAG 2.2, 1.3.1, 1.3.5, 3.3.1 to 3.3.3 and 3.3.8; HTML, autofill field names; OWASP ASVS 5.0, 6.2.6 and 6.2.7 (password
 * fields hide what is typed and allow pasting).
 */
import { attributes, html, type SafeHtml } from '../../html/html.ts'
import { cleaned } from '../../validate/text.ts'
import type { Layout } from '../layout.ts'

/** Where the kit's own pages are; their forms post to the same addresses. */
export interface PagePaths {
  /** @default `{base}/sign-in` */
  readonly signIn: string
  /** @default `{base}/sign-out` */
  readonly signOut: string
  /** @default `{base}/set-up` */
  readonly setUp: string
  /** @default `{base}/re-authenticate` */
  readonly reAuthenticate: string
  /** @default `{base}/sessions` */
  readonly sessions: string
  /** @default `{base}/second-factor` */
  readonly secondFactor: string
  /** @default `{base}/factors` */
  readonly factors: string
  /** @default `{base}/keys` */
  readonly keys: string
  /** @default `{base}/apps` */
  readonly apps: string
}

/** The addresses a page links to: those given, and under `base` the rest. */
export function pathsOf({ base, paths }: Pick<PageModel, 'base' | 'paths'>): PagePaths {
  return {
    signIn: `${base}/sign-in`,
    signOut: `${base}/sign-out`,
    setUp: `${base}/set-up`,
    reAuthenticate: `${base}/re-authenticate`,
    sessions: `${base}/sessions`,
    keys: `${base}/keys`,
    apps: `${base}/apps`,
    secondFactor: `${base}/second-factor`,
    factors: `${base}/factors`,
    ...paths,
  }
}

/** One link of the top bar. */
export interface NavLink {
  /** Which desk it leads to. */
  readonly name: string
  readonly path: string
  readonly label: string
}

/** What every page with a form is given. */
export interface PageModel<Field extends string = never> {
  /** The nonce of this response's Content-Security-Policy. */
  readonly nonce: string
  /** Name and value of the hidden field against cross-site request forgery; `undefined` when another way is used. */
  readonly csrf: { readonly name: string; readonly token: string } | undefined
  /** Path before all addresses of the forms, without a slash at its end: `''` or `'/console'`. */
  readonly base: string
  /** Where pages are that do not stand at their usual place under `base`. */
  readonly paths?: Partial<PagePaths> | undefined
  /** Links of the top bar for somebody who is signed in. @default the list of sessions */
  readonly nav?: readonly NavLink[] | undefined
  /** Name of the application. @default 'Holdfast' */
  readonly brand?: string | undefined
  /** Where to go afterwards; was checked by the one who reads it. */
  readonly next?: string | undefined
  /** What was typed as name, or the name that is signed in. */
  readonly login?: string | undefined
  /** What is wrong, by field; `form` is for what concerns none or several of them. */
  readonly errors?: Readonly<Partial<Record<Field | 'form', string>>> | undefined
  /** Work that the form asks of the browser; see `challengePart`. @default none */
  readonly challenge?:
    | {
        readonly challenge: string
        readonly bits: number
        readonly script: string
        readonly widget?: SafeHtml
        readonly waits?: boolean
      }
    | undefined
  /** What happened before, in one sentence: "You are signed out." */
  readonly notice?: string | undefined
}

/** One input with its label. The type of a password field has no `value`, so nothing can render one. */
export type FieldOptions = {
  /** Name of the form field; it is the id of the input, too. */
  readonly name: string
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  /** Autofill tokens: `username`, `current-password`, `new-password`, `one-time-code`, `name`. */
  readonly autocomplete: string
  readonly autofocus?: boolean
  /** Whether the form cannot be sent without it. @default true */
  readonly required?: boolean
} & (
  | { readonly type: 'password'; readonly minlength?: number | undefined }
  | { readonly type: 'text'; readonly value?: string | undefined; readonly maxlength: number; readonly readonly?: boolean }
)

/** Returns the input with label, hint and error, tied together by `aria-describedby` and `aria-invalid`. */
export function field(options: FieldOptions): SafeHtml {
  const { name, label, hint, error, type, autocomplete } = options
  const descriptions = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean)
  const more = attributes({
    'aria-describedby': descriptions.length > 0 ? descriptions.join(' ') : undefined,
    'aria-invalid': error ? 'true' : undefined,
    autofocus: options.autofocus,
    required: options.required ?? true,
    ...(type === 'text' ? textOnly(options) : { minlength: options.minlength }),
  })
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${name}-error"><span class="sr">Error: </span>${error}</p>`}
    <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" ${more} />
  </div>`
}

/** Names and codes are not prose: a phone must not capitalise or correct them. */
function textOnly(options: FieldOptions & { readonly type: 'text' }) {
  const { value, maxlength, readonly, autocomplete } = options
  const prose = autocomplete === 'name'
  // What was refused for its characters comes back without them, so that sending it once more succeeds.
  const shown = readonly === true || value === undefined ? value : cleaned(value, maxlength)
  return { value: shown, maxlength, readonly, autocapitalize: prose ? 'words' : 'none', spellcheck: 'false' }
}

/** A box to tick, with its words; nothing without words. */
export function checkbox(name: string, words: string | undefined, checked = false): SafeHtml | undefined {
  if (words === undefined) return undefined
  return html`<label class="check" for="${name}"
    ><input id="${name}" name="${name}" type="checkbox" value="on" ${attributes({ checked })} /> <span>${words}</span></label
  >`
}

/** The fields nobody sees: the token against cross-site request forgery and where to go afterwards. */
export function hiddenFields({ csrf, next }: Pick<PageModel, 'csrf' | 'next'>): SafeHtml {
  return html`${csrf && hidden(csrf.name, csrf.token)}${next && hidden('next', next)}`
}

/** One hidden field. */
export function hidden(name: string, value: string): SafeHtml {
  return html`<input type="hidden" name="${name}" value="${value}" />`
}

/**
 * What is wrong, above the form, read out at once; each error of a field leads to its input. `order` is the order of the inputs.
 * Nothing when there are no errors.
 */
export function errorSummary<Field extends string>(
  errors: PageModel<Field>['errors'],
  order: readonly Field[],
): SafeHtml | undefined {
  if (errors === undefined) return undefined
  const items = order.flatMap((name) => {
    const error = errors[name]
    return error ? [html`<li><a href="#${name}">${error}</a></li>`] : []
  })
  if (errors.form) items.unshift(html`<li>${errors.form}</li>`)
  if (items.length === 0) return undefined
  return html`<div class="alert error" role="alert">
    <h2>There is a problem</h2>
    <ul>
      ${items}
    </ul>
  </div>`
}

/** A sentence about what happened before; nothing without one. */
export function noticeOf(notice: string | undefined): SafeHtml | undefined {
  return notice ? html`<div class="alert info" role="status"><p>${notice}</p></div>` : undefined
}

/** The title of a page; says first that something is wrong, because it is the first thing a screen reader says. */
export function titleOf(title: string, errors: object | undefined): string {
  return errors !== undefined && Object.keys(errors).length > 0 ? `Error: ${title}` : title
}

/** The top bar of someone who is signed in. `current`: the name of the place they are at. */
export function accountNav(
  model: Pick<PageModel, 'base' | 'paths' | 'login' | 'nav'>,
  current?: string,
): Required<Pick<Layout, 'nav' | 'who'>> {
  const { sessions, signOut } = pathsOf(model)
  const { login, nav = [{ name: 'sessions', path: sessions, label: 'Sessions' }] } = model
  const here = (name: string) => attributes({ 'aria-current': current === name ? 'page' : undefined })
  return {
    nav: html`${nav.map(({ name, path, label }) => html`<a href="${path}" ${here(name)}>${label}</a>`)}`,
    who: html`${login && html`<span>${login}</span>`}<a href="${signOut}">Sign out</a>`,
  }
}
