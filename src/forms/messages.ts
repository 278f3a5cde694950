/** What people are told, by code. Each can be said in other words or another language, for all forms or for one field. */

/** `{label}`, `{limit}` and `{count}` stand for what the error is about; never for what was typed. */
export const MESSAGES = {
  required: 'Fill in “{label}”.',
  'required-choice': '“{label}”: choose one.',
  'required-tick': 'Tick “{label}”.',
  'required-file': '“{label}”: choose a file.',
  'required-row': '“{label}”: fill in one.',
  type: '“{label}” is of another kind.',
  repeated: '“{label}” was sent more than once.',
  'too-long': '“{label}”: at most {limit} characters.',
  'too-short': '“{label}”: at least {limit} characters.',
  control: '“{label}” had characters that cannot be shown. They were left out: look at it, and send it again.',
  bidi: '“{label}” had characters that turn the order of others around. They were left out: look at it, and send it again.',
  unicode: '“{label}” is not text that can be read.',
  number: '“{label}”: write a number in digits, such as 12.',
  decimals: '“{label}”: at most {limit} digits after the point.',
  'too-small': '“{label}”: {limit} or more.',
  'too-large': '“{label}”: {limit} or less.',
  date: '“{label}”: write a date as year-month-day, such as 2026-03-31.',
  'too-early': '“{label}”: {limit} or later.',
  'too-late': '“{label}”: {limit} or earlier.',
  choice: '“{label}”: choose one of those offered.',
  'too-many': '“{label}”: at most {limit}.',
  'too-deep': '“{label}” goes on too deep: at most {limit}.',
  email: '“{label}”: write an address such as mira@example.org.',
  url: '“{label}”: write an address that begins with https://.',
  sealed: 'This form was changed, or made for somebody else. Load the page again.',
  file: '“{label}”: the file did not arrive whole. Choose it again.',
  'file-type': '“{label}”: this kind of file is not taken.',
  'file-size': '“{label}”: the file is larger than {limit}.',
  'file-refused': '“{label}”: this file is not taken.',
  invalid: '“{label}” cannot be right.',
  'unknown-fields': 'The form came with {count} more than it asks for. Load the page again.',
  'not-an-object': 'Send an object.',
  'content-type': 'Send it as the form does.',
  body: 'The form did not arrive whole, or is too large.',
  'sent-already': 'This was sent already, and is done once.',
  expired: 'This form was open for too long. Look at it, and send it again.',
  steps: 'These steps were open for too long, or belong to somebody else. Begin again.',
  'word-optional': '(optional)',
  'word-problems': 'There is a problem',
  'word-error': 'Error:',
} as const satisfies Record<string, string>

/** What can be wrong, and the words around it. */
export type FormCode = keyof typeof MESSAGES
export type Messages = Readonly<Partial<Record<FormCode, string>>>

export interface Told {
  readonly label?: string | undefined
  readonly limit?: string | number | undefined
  readonly count?: number | undefined
}

/** The sentence of a code, in the first of `words` that has one. */
export function sentence(code: FormCode, told: Told, ...words: readonly (Messages | undefined)[]): string {
  const text = words.find((table) => table?.[code] !== undefined)?.[code] ?? MESSAGES[code]
  return text.replaceAll(/\{(label|limit|count)\}/g, (mark, name: keyof Told) => String(told[name] ?? mark))
}
