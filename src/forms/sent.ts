/** What was sent, by the names of fields; and of that, what may be shown again. */
import { cleaned } from '../validate/text.ts'
import { isGroup, type Fields } from './field.ts'
import { nest, type Sent } from './tree.ts'

/** Where values come from: texts by name (form, query, address), or a value of JSON. */
export type Source =
  | { readonly as: 'texts'; readonly fields: Readonly<Record<string, string | readonly string[]>> }
  | { readonly as: 'json'; readonly value: unknown }

/** What was typed, for the page that shows it again. Never passwords, files or sealed values. */
export type Typed = Readonly<Record<string, readonly string[]>>

/** By own names only: nothing is looked up along a prototype. Texts are lists of texts, however often they came. */
export function membersOf(source: Source): Sent | undefined {
  if (source.as === 'texts')
    return new Map(Object.entries(source.fields).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]))
  return objectOf(source.value)
}

/** What came for the fields of a form, put together as they are. */
export function sentFor(fields: Fields, source: Source): Sent | undefined {
  const members = membersOf(source)
  return source.as === 'texts' && members !== undefined && Object.values(fields).some(isGroup) ? nest(fields, members) : members
}

/** Members of an object, or what came for a group; nothing of anything else. */
export function objectOf(value: unknown): Sent | undefined {
  if (value instanceof Map) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

/** Of what a form sent, all that may be shown again; an empty list where nothing came, as for a box that was not ticked. */
export function typedOf(fields: Fields, sent: Sent): Typed {
  return Object.fromEntries(typedIn(fields, nest(fields, sent), ''))
}

function typedIn(fields: Fields, sent: Sent, before: string): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(fields).flatMap(([name, field]): readonly (readonly [string, readonly string[]])[] => {
    const own = `${before}${name}`
    const came = sent.get(name)
    if (isGroup(field)) {
      if (field.kind === 'group') return typedIn(field.members, objectOf(came) ?? new Map(), `${own}.`)
      const all = Array.isArray(came) ? came.slice(0, field.most) : []
      return all.flatMap((row, index) => typedIn(field.members, objectOf(row) ?? new Map(), `${own}[${index}].`))
    }
    if (field.secret === true) return []
    const { longest, most = 1, asTyped } = field
    const texts = (Array.isArray(came) ? (came as readonly string[]) : []).slice(0, most)
    return [[own, texts.map((text) => (asTyped === true ? text.slice(0, longest) : cleaned(text, longest)))]]
  })
}
