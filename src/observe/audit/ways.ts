/**
 * By which index a search goes. Whatever is asked for, one thing is looked up and the rest is looked at row by row, so a search costs
 * as much as there is of that one thing: of several the rarest is taken, counted and not guessed.
 */
import type { Value } from '../../store/database.ts'
import type { Level } from '../../engine/events.ts'
import { KIND } from './schema.ts'
import type { AuditFilter } from './types.ts'

/** A piece of WHERE with its values. */
export interface Condition {
  readonly text: string
  readonly values: readonly Value[]
}

/** One range of one index, in the order of writing. */
export interface Way extends Condition {
  readonly index: string
}

/** Something that is asked for, and where it stands: in any of its ways. */
export interface Guide {
  /** The fields of the filter that it stands for. */
  readonly names: readonly (keyof AuditFilter)[]
  readonly ways: readonly Way[]
  /** Of such ids there are many, and of each few events; SQLite has them in runs. */
  readonly rare: boolean
}

const RARE = {
  requestId: ['request_id'],
  session: ['session'],
  apiKey: ['api_key'],
  user: ['user_id', 'actor_id'],
  client: ['client'],
} as const
const COMMON = ['type', 'level', 'control'] as const
const LEVELS: Readonly<Record<Level, true>> = { info: true, warn: true, critical: true }

export const FILTERS: readonly string[] = [...Object.keys(RARE), ...COMMON, 'from', 'to']

/** What could guide this search: ids before kinds. */
export function guidesOf(filter: AuditFilter): readonly Guide[] {
  const { type, level, control } = filter
  const guides: Guide[] = []
  for (const [name, columns] of Object.entries(RARE) as [keyof typeof RARE, readonly string[]][]) {
    const value = filter[name]
    if (value === undefined) continue
    guides.push({ names: [name], ways: columns.map((column) => way(column, `${column} = ?`, value)), rare: true })
  }
  if (control !== undefined) guides.push({ names: ['control'], ways: [way('control', 'control = ?', control)], rare: false })
  if (type !== undefined) {
    const levels = level === undefined ? Object.keys(LEVELS) : [level]
    const ways = levels.map((one) => way('type', `${KIND} = ?`, `${type} ${one}`))
    guides.push({ names: level === undefined ? ['type'] : ['type', 'level'], ways, rare: false })
  } else if (level !== undefined) {
    guides.push({ names: ['level'], ways: [way('level', 'level = ?', level)], rare: false })
  }
  return guides
}

function way(index: string, text: string, value: Value): Way {
  return { index: `hf_audit_${index}`, text, values: [value] }
}

/** Everything else that must hold. In this form no index serves it, so that none is taken by mistake. */
export function restOf(filter: AuditFilter, guide?: Guide): Condition[] {
  const equal = (columns: readonly string[], value: Value): Condition => ({
    text: `(${columns.map((column) => `${column} = ?`).join(' OR ')}) IS TRUE`,
    values: columns.map(() => value),
  })
  const left = (name: keyof AuditFilter) => filter[name] !== undefined && !guide?.names.includes(name)
  return [
    ...(Object.keys(RARE) as (keyof typeof RARE)[]).filter(left).map((name) => equal(RARE[name], filter[name]!)),
    ...COMMON.filter(left).map((name) => equal([name], filter[name]!)),
    ...(filter.from === undefined ? [] : [{ text: 'at >= ?', values: [filter.from] }]),
    ...(filter.to === undefined ? [] : [{ text: 'at < ?', values: [filter.to] }]),
  ]
}
