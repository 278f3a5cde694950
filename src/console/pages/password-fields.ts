/** The inputs of a password that is being chosen: the same words, rule and autofill tokens on every page that has them. */
import { html, type SafeHtml } from '../../html/html.ts'
import { field, type PageModel } from './parts.ts'

/** The two inputs of every new password. */
export type PasswordField = 'password' | 'passwordAgain'

interface PasswordFieldsOptions {
  /** The fewest characters. @default 15 (NIST SP 800-63B-4, 3.1.1.2) */
  readonly shortest?: number | undefined
  readonly errors: PageModel<PasswordField>['errors']
  /** What is said of the one that was typed. */
  readonly hint?: string | undefined
}

/** The password, twice. `label`: what it is called; the second one is "… again". */
export function passwordFields(label: string, { shortest = 15, errors, hint }: PasswordFieldsOptions): SafeHtml {
  const rule = `At least ${shortest} characters. A few words will do, or let a password manager make one.`
  return html`${field({
    name: 'password',
    label,
    hint: hint === undefined ? rule : `${rule} ${hint}`,
    type: 'password',
    minlength: shortest,
    autocomplete: 'new-password',
    error: errors?.password,
  })}
  ${field({
    name: 'passwordAgain',
    label: `${label} again`,
    type: 'password',
    autocomplete: 'new-password',
    error: errors?.passwordAgain,
  })}`
}
