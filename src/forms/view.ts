/**
 * A form as HTML: label, hint, error and control tied together, a summary of what is wrong, what was typed, and the hidden fields.
 * Works without JavaScript and passes under a strict policy. Sources: WCAG 2.2, 1.3.1, 1.3.5, 3.3.1 to 3.3.3; WAI "Forms Tutorial".
 */
import { attributes, html, type SafeHtml } from '../html/html.ts'
import { isGroup, type Field, type Fields, type Group } from './field.ts'
import { isFileField } from './fields/index.ts'
import { sentence, type Messages } from './messages.ts'
import type { FormError } from './read.ts'
import type { Typed } from './sent.ts'
import { firstOf, partsOf } from './tree.ts'

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

/** One page of a form: what holds for all of its fields. */
interface Page extends Pick<ViewOptions<any>, 'about' | 'hideLabels' | 'browserChecks' | 'sent'> {
  readonly messages: Messages | undefined
  readonly seal: ViewSetting['seal']
  readonly errors: readonly FormError[]
  /** Whether what it is in may be left empty as a whole: then no browser should insist on its parts. */
  readonly loose?: boolean
  /** Name of the first field that is wrong: that one has the focus. */
  readonly firstWrong: string | undefined
  readonly idOf: (name: string) => string
}

export function viewOf(
  { fields, messages }: { readonly fields: Fields; readonly messages: Messages | undefined },
  options: ViewOptions<any>,
  { csrf, once, seal }: ViewSetting,
): FormView {
  const { method = 'post', sent, submit = 'Send', id = '', class: classes = 'stack', browserChecks = false, action } = options
  const errors = sent?.errors ?? []
  const idOf = (name: string) => (id === '' ? name : `${id}-${name}`)
  // A group has no control of its own to give the focus to: that is its first one's.
  const firstWrong = firstOf(fields, new Set(errors.map(({ field }) => field)))
  const page: Page = { ...options, messages, seal, errors, firstWrong, idOf }
  const made = Object.entries(fields).map(
    ([name, field]) => [name, shown(page, field, name, memberOf(options.values, name))] as const,
  )
  const isHidden = (name: string) => shapeOf(fields[name]!) === 'hidden'
  const hidden = html`${csrf && hiddenField(csrf)}${once && hiddenField(once)}${options.hidden}${made
    .filter(([name]) => isHidden(name))
    .map(([, markup]) => markup)}`
  const visible = made.filter(([name]) => !isHidden(name))
  const more = attributes({
    action,
    enctype: Object.values(fields).some((field) => !isGroup(field) && isFileField(field)) ? 'multipart/form-data' : undefined,
    class: classes === '' ? undefined : classes,
    novalidate: !browserChecks,
  })
  const summary = summaryOf(errors, messages, ({ field, code }) => {
    if (code === 'sent-already') return sent?.result
    const [name] = partsOf(field)
    return name !== undefined && Object.hasOwn(fields, name) && !isHidden(name) ? `#${idOf(field)}` : undefined
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

const shapeOf = (field: Field | Group) => (isGroup(field) ? undefined : field.shape)

function memberOf(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function shown(page: Page, field: Field | Group, name: string, value: unknown): SafeHtml {
  if (!isGroup(field)) return controlOf(page, field, name, textsOf(page, field, name, value))
  if (field.kind === 'rows') return rowsOf(page, field, name, value)
  const inner = { ...page, loose: page.loose === true || !field.required }
  const members = Object.entries(field.members).map(([own, part]) => shown(inner, part, `${name}.${own}`, memberOf(value, own)))
  return fieldset(page, field, name, members)
}

/** As many as there are, and one more to fill in. */
function rowsOf(page: Page, field: Group, name: string, value: unknown): SafeHtml {
  const given = Array.isArray(value) ? value.length : 0
  const count = Math.min(field.most, (wasTyped(page) ? rowsTyped(page, name) : given) + 1)
  const each = Array.from({ length: count }, (_, index) => {
    const own = { ...field, label: `${field.label} ${index + 1}`, hint: undefined, required: true }
    const values: unknown = Array.isArray(value) ? value[index] : undefined
    const inner = { ...page, loose: page.loose === true || !field.required || index > 0 }
    const inside = Object.entries(field.members).map(([member, part]) => {
      return shown(inner, part, `${name}[${index}].${member}`, memberOf(values, member))
    })
    return fieldset(page, own, `${name}[${index}]`, inside)
  })
  return fieldset(page, field, name, each)
}

const wasTyped = ({ sent }: Page) => sent?.typed !== undefined && Object.keys(sent.typed).length > 0

function rowsTyped({ sent }: Page, name: string): number {
  const own = Object.keys(sent?.typed ?? {}).filter((typed) => typed.startsWith(`${name}[`))
  return Math.max(0, ...own.map((typed) => Number.parseInt(typed.slice(name.length + 1), 10) + 1))
}

/** What was typed goes before what was there; what is sealed is sealed anew for whoever looks now. */
function textsOf(page: Page, field: Field, name: string, value: unknown): readonly string[] {
  if (field.kind === 'sealed') return field.textsOf(value).map((text) => page.seal(name, text))
  if (field.secret === true) return []
  // A form that was sent shows what was typed, also where that is nothing: an empty box, a text that was taken out.
  if (!wasTyped(page)) return field.textsOf(value)
  const typed = page.sent!.typed!
  return Object.hasOwn(typed, name) ? typed[name]! : []
}

/** Label, hint and error of a field or a group, and how they are tied to it. */
function wordsOf(page: Page, field: Field | Group, name: string) {
  const { label, hint, required } = field
  const { about, hideLabels, messages } = page
  const id = page.idOf(name)
  const error = page.errors.find((each) => each.field === name)?.message
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const says = !required && hideLabels !== true && shapeOf(field) !== 'box'
  const optional = says && html` <span class="muted">${sentence('word-optional', {}, messages)}</span>`
  const words = html`${label}${about && html`<span class="sr">: ${about}</span>`}${optional}`
  const said = html`${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}${
    error && html`<p class="error" id="${id}-error"><span class="sr">${sentence('word-error', {}, messages)} </span>${error}</p>`
  }`
  return { id, error, described, words, said, above: described === undefined ? '' : html`<div class="field">${said}</div>` }
}

function fieldset(page: Page, field: Field | Group, name: string, content: SafeHtml | readonly SafeHtml[]): SafeHtml {
  const { id, described, words, above } = wordsOf(page, field, name)
  const lines = shapeOf(field) === 'lines'
  const more = attributes({
    'aria-describedby': described,
    id: isGroup(field) ? id : undefined,
    tabindex: isGroup(field) ? '-1' : undefined,
  })
  return html`<fieldset class="${lines ? 'field' : 'stack'}" ${more}>
    <legend>${words}</legend>
    ${above}${content}
  </fieldset>`
}

function controlOf(page: Page, field: Field, name: string, texts: readonly string[]): SafeHtml {
  const { shape = 'label' } = field
  const required = field.required && page.loose !== true
  const { id, error, described, words, said, above } = wordsOf(page, field, name)
  const state = {
    required,
    'aria-describedby': described,
    'aria-invalid': error ? 'true' : undefined,
    autofocus: name === page.firstWrong,
  }
  const grouped = shape === 'group' || shape === 'lines'
  const control = field.control({ id, name, texts, state: grouped ? { ...state, 'aria-describedby': undefined } : state })
  if (shape === 'hidden') return control
  if (shape === 'box') return html`<div>${above}<label class="check" for="${id}">${control} <span>${words}</span></label></div>`
  if (grouped) return fieldset(page, field, name, control)
  const hide = attributes({ class: page.hideLabels === true ? 'sr' : undefined })
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
