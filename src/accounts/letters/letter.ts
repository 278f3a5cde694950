/** What a letter is: words for one occasion, as plain text and as HTML. A new one is a file of this shape and a line in `index.ts`. */
import type { SafeHtml } from '../../html/html.ts'

/** What every letter may speak of. */
export interface LetterSetting {
  /** Name of the application. */
  readonly brand: string
  /** `https://app.example` */
  readonly origin: string
}

/** `Data`: facts by name. They are texts of ours or of strangers; HTML is escaped, and no fact stands in a subject (CVE-2022-31127). */
export interface Letter<Data extends Readonly<Record<string, string>>> {
  subject(setting: LetterSetting): string
  text(data: Data, setting: LetterSetting): string
  html(data: Data, setting: LetterSetting): SafeHtml
}

/** Keeps the types of one letter together. */
export function defineLetter<Data extends Readonly<Record<string, string>>>(letter: Letter<Data>): Letter<Data> {
  return letter
}
