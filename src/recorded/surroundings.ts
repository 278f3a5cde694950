/**
 * What responses must know of the application, which it configures in code: which addresses are never blocked, which paths stay open, which
 * limits and features there are. The application leaves it in the store when it starts, so that the command acts by the same rules.
 */
import { createHash } from 'node:crypto'
import type { AtomicStore } from '../store/atomic.ts'

export interface Surroundings {
  /** The origin, for whoever reads evidence. */
  readonly site: string
  /** Networks of declared proxies, and those that are our own. */
  readonly proxies: readonly string[]
  readonly own: readonly string[]
  /** Paths of the doors, and those that are spared beside them. */
  readonly doors: readonly string[]
  readonly spared: readonly string[]
  readonly features: Readonly<Record<string, readonly string[]>>
  readonly limits: readonly string[]
  /** Lines of the central table that are open to everybody. */
  readonly open: readonly string[]
  /** Whether the controls run that hold requests up. */
  readonly enforced: boolean
  readonly automaticPerHour: number
  /** Milliseconds for which a closed incident is kept; `null`: for ever. */
  readonly keepIncidents: number | null
  /** SHA-256 of the options without their secrets; empty where it is not known. */
  readonly hash: string
  readonly controls: readonly string[]
  readonly startedAt: number
}

const KEY = 'application:surroundings'
const CENTURY = 100 * 365 * 86_400_000
/** More than a store takes as one value. */
const LONGEST = 60_000

/** Leaves it; lists of routes that are too long for one value are left out. */
export async function recordSurroundings(once: AtomicStore, surroundings: Surroundings, now: number): Promise<void> {
  const text = JSON.stringify(surroundings)
  const kept = text.length <= LONGEST ? text : JSON.stringify({ ...surroundings, open: [], features: {} })
  await once.put(KEY, kept, CENTURY, now)
}

/** What was left last; `undefined` where no application of this version has started. */
export async function recordedSurroundings(once: AtomicStore, now: number): Promise<Surroundings | undefined> {
  const text = await once.get(KEY, now)
  return text === undefined ? undefined : (JSON.parse(text) as Surroundings)
}

/** The same for the same options: keys in order, functions by their name, secrets not at all. */
export function configurationHash(options: unknown): string {
  return createHash('sha256').update(canonical(options, new Set())).digest('hex')
}

const SECRET = /key|secret|password|pepper|token|dsn|url/i

function canonical(value: unknown, seen: Set<object>): string {
  if (typeof value === 'function') return `"function ${value.name}"`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (seen.has(value)) return '"circle"'
  seen.add(value)
  if (value instanceof Map) return canonical(Object.fromEntries(value), seen)
  if (value instanceof Set) return canonical([...value], seen)
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, seen)).join(',')}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  // An open database, a client, a transport: what it is called, not what it holds.
  if (prototype !== Object.prototype && prototype !== null) return `"${value.constructor.name}"`
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const shown = (name: string, one: unknown) => (SECRET.test(name) && typeof one === 'string' ? '"secret"' : canonical(one, seen))
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${shown(name, one)}`).join(',')}}`
}
