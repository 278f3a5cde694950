/** The parts of a form: inputs with label, hint and error tied to them, and the summary of what is wrong. */
import { attributes, html, type SafeHtml } from 'holdfast/html'

/** What was typed and what is wrong with it, by field. An error of none of the fields stands under `form`. */
export interface Filled {
  readonly values?: Readonly<Record<string, string>>
  readonly errors?: Readonly<Record<string, string>>
}

interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'password' | 'textarea'
  /** A choice instead of a text: value and words. */
  readonly choices?: Readonly<Record<string, string>>
  readonly hint?: string
  readonly optional?: boolean
  readonly maxlength?: number
  readonly autocomplete?: string
}

/** A password that was typed never comes back. */
export function field(options: Field, { values, errors }: Filled): SafeHtml {
  const { name, label, hint, type } = options
  const error = errors?.[name]
  const value = type === 'password' ? '' : (values?.[name] ?? '')
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${error && html`<p class="error" id="${name}-error"><span class="sr">Error: </span>${error}</p>`}
    ${control(options, value, error)}
  </div>`
}

function control(
  { name, type = 'text', choices, hint, optional, maxlength, autocomplete }: Field,
  value: string,
  error?: string,
) {
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ')
  const more = attributes({
    required: !optional,
    maxlength,
    'aria-describedby': described || undefined,
    'aria-invalid': error ? 'true' : undefined,
  })
  if (choices) {
    return html`<select id="${name}" name="${name}" ${more}>
      ${options(choices, value)}
    </select>`
  }
  // The line break after the tag is dropped by browsers; without it the first one of the text would be.
  if (type === 'textarea') return html`<textarea id="${name}" name="${name}" rows="6" ${more}>${'\n'}${value}</textarea>`
  return html`<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete ?? 'off'}" ${more} />`
}

/** The options of a choice. */
export function options(choices: Readonly<Record<string, string>>, chosen: string | undefined): SafeHtml[] {
  return Object.entries(choices).map(
    ([value, words]) => html`<option value="${value}" ${attributes({ selected: value === chosen })}>${words}</option>`,
  )
}

/** What is wrong, read out at once; each line leads to its input. Nothing when nothing is. */
export function problems({ errors = {} }: Filled): SafeHtml | undefined {
  const lines = Object.entries(errors)
  if (lines.length === 0) return undefined
  return html`<div class="alert error" role="alert">
    <h2>There is a problem</h2>
    <ul>
      ${lines.map(([name, words]) => (name === 'form' ? html`<li>${words}</li>` : html`<li><a href="#${name}">${words}</a></li>`))}
    </ul>
  </div>`
}

/** The title says first that something is wrong, because it is the first thing a screen reader says. */
export function titled(title: string, { errors = {} }: Filled): string {
  return Object.keys(errors).length > 0 ? `Error: ${title}` : title
}
