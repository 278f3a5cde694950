/**
 * A form as HTML: label, hint, error and control tied together, a summary of what is wrong, what was typed, and the hidden fields.
 * Works without JavaScript and passes under a strict policy. Sources: WCAG 2.2, 1.3.1, 1.3.5, 3.3.1 to 3.3.3; WAI "Forms Tutorial".
 */
import { attributes, html, type SafeHtml } from '../html/html.ts'
import type { Field, Fields } from './field.ts'
import { isFileField } from './fields/index.ts'
import { sentence, type Messages } from './messages.ts'
import type { FormError, Typed } from './read.ts'

/** What came of reading it, or values that are there already. */
export interface Filled {
  readonly errors?: readonly FormError[]
  readonly typed?: Typed
  /** Where the result of what was sent already is: the sentence that says so leads there. */
  readonly result?: string | undefined
}

export interface ViewOptions<Input> {
  /** Where it is sent: a path of this application. @default the page's own address */
  readonly action?: string
  /** `'get'` for a search: then it carries no token, and its values stand in the address. @default 'post' */
  readonly method?: 'post' | 'get'
  /** What `read` gave: what was typed, and what is wrong with it. */
  readonly sent?: Filled | undefined
  /** What stands in it before anybody types. What was typed goes before it. */
  readonly values?: Partial<Input> | undefined
  /** Words of its button, or buttons of your own. @default 'Send' */
  readonly submit?: string | SafeHtml
  /** Before the ids of its controls, where a page has several forms with the same fields. @default '' */
  readonly id?: string
  /** What labels are about, for those who cannot see it: 'tomas' makes 'Role: tomas'. */
  readonly about?: string
  /** Labels for screen readers only. @default false */
  readonly hideLabels?: boolean
  /** Classes of the form element. @default 'stack' */
  readonly class?: string
  /** Whether the browser checks before it sends. Its bubbles go away by themselves and speak the browser's language. @default false */
  readonly browserChecks?: boolean
  /** More hidden fields. */
  readonly hidden?: SafeHtml | undefined
}

export interface FormView<Names extends string = string> {
  /** The whole form, with the summary of what is wrong in front. */
  readonly html: SafeHtml
  /** The form element alone. */
  readonly form: SafeHtml
  /** What is wrong, read out at once, each line a link to its field; nothing when nothing is. */
  readonly summary: SafeHtml | undefined
  /** Each field with label, hint, error and control: for a form of your own making, which needs `hidden` too. */
  readonly fields: Readonly<Record<Names, SafeHtml>>
  /** Tokens and hidden fields. */
  readonly hidden: SafeHtml
  /** Whether something is wrong: then the title of the page should say so first. */
  readonly failed: boolean
}

interface Hidden {
  readonly name: string
  readonly value: string
}

export interface ViewSetting {
  readonly csrf: Hidden | undefined
  readonly once: Hidden | undefined
  readonly seal: (field: string, value: string) => string
}

export function viewOf(
  { fields, messages }: { readonly fields: Fields; readonly messages: Messages | undefined },
  options: ViewOptions<any>,
  { csrf, once, seal }: ViewSetting,
): FormView {
  const { method = 'post', sent, submit = 'Send', id = '', class: classes = 'stack', browserChecks = false, action } = options
  const errors = sent?.errors ?? []
  const idOf = (name: string) => (id === '' ? name : `${id}-${name}`)
  const firstWrong = Object.keys(fields).find((name) => errors.some(({ field }) => field === name))
  const made = Object.entries(fields).map(([name, field]) => {
    const texts = textsOf(name, field, options, seal)
    const error = errors.find((each) => each.field === name)?.message
    return [
      name,
      fieldOf(field, { ...options, messages, id: idOf(name), name, texts, error, focus: name === firstWrong }),
    ] as const
  })
  const shapeOf = (name: string) => fields[name]!.shape
  const hidden = html`${csrf && hiddenField(csrf)}${once && hiddenField(once)}${options.hidden}${made
    .filter(([name]) => shapeOf(name) === 'hidden')
    .map(([, markup]) => markup)}`
  const visible = made.filter(([name]) => shapeOf(name) !== 'hidden')
  const more = attributes({
    action,
    enctype: Object.values(fields).some(isFileField) ? 'multipart/form-data' : undefined,
    class: classes === '' ? undefined : classes,
    novalidate: !browserChecks,
  })
  const summary = summaryOf(errors, messages, ({ field, code }) => {
    if (code === 'sent-already') return sent?.result
    return Object.hasOwn(fields, field) && shapeOf(field) !== 'hidden' ? `#${idOf(field)}` : undefined
  })
  const form = html`<form method="${method}" ${more}>
    ${hidden} ${visible.map(([, markup]) => markup)}
    ${typeof submit === 'string' ? html`<div class="row stretch"><button class="btn primary">${submit}</button></div>` : submit}
  </form>`
  return {
    html: summary === undefined ? form : html`${summary}${form}`,
    form,
    summary,
    fields: Object.fromEntries(made),
    hidden,
    failed: errors.length > 0,
  }
}

function hiddenField({ name, value }: Hidden): SafeHtml {
  return html`<input type="hidden" name="${name}" value="${value}" />`
}

/** What was typed goes before what was there; what is sealed is sealed anew for whoever looks now. */
function textsOf(name: string, field: Field, { sent, values }: ViewOptions<any>, seal: ViewSetting['seal']): readonly string[] {
  const value: unknown =
    values !== undefined && Object.hasOwn(values, name) ? (values as Record<string, unknown>)[name] : undefined
  if (field.kind === 'sealed') return field.textsOf(value).map((text) => seal(name, text))
  if (field.secret === true) return []
  const typed = sent?.typed
  // A form that was sent shows what was typed, also where that is nothing: an empty box, a text that was taken out.
  if (typed !== undefined && Object.keys(typed).length > 0) return Object.hasOwn(typed, name) ? typed[name]! : []
  return field.textsOf(value)
}

interface At extends Pick<ViewOptions<any>, 'about' | 'hideLabels' | 'browserChecks'> {
  readonly id: string
  readonly name: string
  readonly texts: readonly string[]
  readonly error: string | undefined
  readonly focus: boolean
  readonly messages: Messages | undefined
}

function fieldOf(field: Field, { id, name, texts, error, focus, about, hideLabels, messages }: At): SafeHtml {
  const { label, hint, required, shape = 'label' } = field
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  const state = {
    required,
    'aria-describedby': described || undefined,
    'aria-invalid': error ? 'true' : undefined,
    autofocus: focus,
  }
  const grouped = shape === 'group' || shape === 'lines'
  const own = grouped ? { ...state, 'aria-describedby': undefined } : state
  const control = field.control({ id, name, texts, state: own })
  if (shape === 'hidden') return control
  const optional =
    !required &&
    shape !== 'box' &&
    hideLabels !== true &&
    html` <span class="muted">${sentence('word-optional', {}, messages)}</span>`
  const words = html`${label}${about && html`<span class="sr">: ${about}</span>`}${optional}`
  const said = html`${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}${
    error && html`<p class="error" id="${id}-error"><span class="sr">${sentence('word-error', {}, messages)} </span>${error}</p>`
  }`
  const above = described === '' ? '' : html`<div class="field">${said}</div>`
  if (shape === 'box') return html`<div>${above}<label class="check" for="${id}">${control} <span>${words}</span></label></div>`
  if (grouped)
    return html`<fieldset class="${shape === 'lines' ? 'field' : 'stack'}" ${attributes({ 'aria-describedby': described || undefined })}>
      <legend>${words}</legend>
      ${above}${control}
    </fieldset>`
  const hide = attributes({ class: hideLabels === true ? 'sr' : undefined })
  return html`<div class="field"><label for="${id}" ${hide}>${words}</label>${said}${control}</div>`
}

function summaryOf(
  errors: readonly FormError[],
  messages: Messages | undefined,
  addressOf: (error: FormError) => string | undefined,
): SafeHtml | undefined {
  if (errors.length === 0) return undefined
  const lines = errors.map((error) => {
    const address = addressOf(error)
    return html`<li>${address === undefined ? error.message : html`<a href="${address}">${error.message}</a>`}</li>`
  })
  return html`<div class="alert error" role="alert">
    <h2>${sentence('word-problems', {}, messages)}</h2>
    <ul>
      ${lines}
    </ul>
  </div>`
}
