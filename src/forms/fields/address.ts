/** Fields of addresses: of mail, and of pages. */
import type { Field } from '../field.ts'
import type { Judging } from '../field.ts'
import { textField, type TextOptions } from './text.ts'

/** HTML's own rule, of bounded parts: it needs no second look at a character (no ReDoS). */
const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,8}$/i

/** An address of mail, by its shape alone: whether it is theirs only a letter can tell. */
export function email(options: TextOptions): Field<string>
export function email<Output>(options: TextOptions & Judging<Output>): Field<Output>
export function email(options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  const holds = (typed: string) => (EMAIL.test(typed) ? undefined : 'email')
  return textField(
    { kind: 'email', max: 254, type: 'email', json: { format: 'email' }, holds },
    { autocomplete: 'email', ...options },
  )
}

/** An address of http or https, absolute, without a name and password in it. */
export function url(options: TextOptions): Field<string>
export function url<Output>(options: TextOptions & Judging<Output>): Field<Output>
export function url(options: TextOptions & Partial<Judging<unknown>>): Field<any> {
  return textField({ kind: 'url', max: 2000, type: 'url', json: { format: 'uri' }, holds: readUrl }, options)
}

function readUrl(typed: string): 'url' | undefined {
  const address = URL.parse(typed)
  if (address === null || /\s/.test(typed) || !/^https?:\/\//i.test(typed)) return 'url'
  return address.username === '' && address.password === '' ? undefined : 'url'
}
