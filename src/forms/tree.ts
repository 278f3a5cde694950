/**
 * How what is nested is named where there are only names: `address.city`, `lines[2].amount`. The same in a form, in a query, in errors.
 * What was sent is put together along the declared fields alone: a name that nobody declared makes no object.
 */
import { isGroup, type Field, type Fields, type Group } from './field.ts'

/** What came for the fields of one object, by name: texts, values of JSON, or what came for the fields inside of a group. */
export type Sent = ReadonlyMap<string, unknown>

const OF_GROUP = /^([\w-]+)\.(.+)$/s
const OF_ROW = /^([\w-]+)\[(0|[1-9]\d{0,3})\]\.(.+)$/s

/** Texts by whole names, put together. Rows of which nothing was filled in are left out, and those after them move up. */
export function nest(fields: Fields, flat: Sent): Sent {
  const made = new Map<string, unknown>()
  const inside = new Map<string, Map<number, Map<string, unknown>>>()
  for (const [name, texts] of flat) {
    const [owner, index, rest] = splitName(fields, name)
    if (owner === undefined) {
      made.set(name, texts)
      continue
    }
    const places = inside.get(owner) ?? new Map<number, Map<string, unknown>>()
    inside.set(owner, places)
    places.set(index, (places.get(index) ?? new Map<string, unknown>()).set(rest, texts))
  }
  for (const [owner, places] of inside) {
    // Said of the whole and of its parts: one of them would be lost in silence.
    if (made.has(owner)) continue
    const { kind, members } = fields[owner] as Group
    const each = [...places].toSorted(([one], [other]) => one - other).map(([, own]) => nest(members, own))
    made.set(owner, kind === 'group' ? each[0] : each.filter((row) => !isEmpty(row)))
  }
  return made
}

/** To which group a name belongs, which of its objects, and what it is called there. */
function splitName(fields: Fields, name: string): readonly [undefined] | readonly [string, number, string] {
  const [, group, member] = OF_GROUP.exec(name) ?? []
  if (group !== undefined && fields[group]?.kind === 'group' && Object.hasOwn(fields, group)) return [group, 0, member!]
  const [, rows, index, rest] = OF_ROW.exec(name) ?? []
  if (rows !== undefined && fields[rows]?.kind === 'rows' && Object.hasOwn(fields, rows)) return [rows, Number(index), rest!]
  return [undefined]
}

/** Whether nothing was filled in, in none of its fields. */
export function isEmpty(sent: unknown): boolean {
  if (sent instanceof Map) return [...sent.values()].every(isEmpty)
  return sent === undefined || (Array.isArray(sent) ? sent.every(isEmpty) : typeof sent === 'string' && sent.trim() === '')
}

/** A field that holds a value: `lines[].amount` for all rows together, and how many of it there may be. */
export interface Leaf {
  readonly name: string
  readonly field: Field
  readonly count: number
}

/** Every field that holds a value, once: of rows in rows there are too many to name each. */
export function leavesOf(fields: Fields, before = '', count = 1): readonly Leaf[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Leaf[] => {
    const own = `${before}${name}`
    if (!isGroup(field)) return [{ name: own, field, count }]
    return leavesOf(field.members, field.kind === 'group' ? `${own}.` : `${own}[].`, count * field.most)
  })
}

/** The field of exactly this name, as a page or a query writes it. */
export function leafAt(fields: Fields, name: string): Field | undefined {
  const [owner, index, rest] = splitName(fields, name)
  if (owner !== undefined) return index < fields[owner]!.most! ? leafAt((fields[owner] as Group).members, rest) : undefined
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return field === undefined || isGroup(field) ? undefined : field
}

/** Of all names of fields and groups that are wrong, the field that comes first; of a group as a whole its own first one. */
export function firstOf(fields: Fields, wrong: ReadonlySet<string>, before = '', all = false): string | undefined {
  for (const [name, field] of Object.entries(fields)) {
    const own = `${before}${name}`
    const here = all || wrong.has(own)
    if (!isGroup(field)) {
      if (here) return own
      continue
    }
    const inside = field.kind === 'group' ? [`${own}.`] : rowsIn(wrong, own, here)
    for (const each of inside) {
      const first = firstOf(field.members, wrong, each, here || wrong.has(each.slice(0, -1)))
      if (first !== undefined) return first
    }
  }
  return undefined
}

/** The rows in which something is wrong, in order; the first where it is the rows themselves. */
function rowsIn(wrong: ReadonlySet<string>, name: string, whole: boolean): readonly string[] {
  if (whole) return [`${name}[0].`]
  const found = [...wrong]
    .filter((one) => one.startsWith(`${name}[`))
    .map((one) => Number.parseInt(one.slice(name.length + 1), 10))
  return [...new Set(found)].toSorted((one, other) => one - other).map((index) => `${name}[${index}].`)
}

/** The field at a path, or the nearest around it, with its whole name; nothing where there is none. */
export function fieldAt(fields: Fields, path: readonly string[]): readonly [string, Field | Group] | undefined {
  const [name, ...rest] = path
  if (name === undefined || !Object.hasOwn(fields, name)) return undefined
  const field = fields[name]!
  if (!isGroup(field)) return [name, field]
  const isRow = field.kind === 'rows' && /^\d+$/.test(rest[0] ?? '')
  const inner = field.kind === 'rows' ? isRow && fieldAt(field.members, rest.slice(1)) : fieldAt(field.members, rest)
  if (!inner) return [name, field]
  return [`${name}${isRow ? `[${rest[0]}]` : ''}.${inner[0]}`, inner[1]]
}

/** `lines[2].amount` as its parts. Names hold neither dots nor brackets. */
export function partsOf(name: string): readonly string[] {
  return name.split(/[.[\]]+/).filter((part) => part !== '')
}
