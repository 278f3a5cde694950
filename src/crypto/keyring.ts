/**
 * The application's keys, which rotate: the first signs and seals, all verify and open. From each key every purpose gets a
 * key of its own, so that what one part of the application signs means nothing to another.
 * Source: RFC 5869 (HKDF), NIST SP 800-57 part 1 section 5.2 (one key, one use), OWASP Key Management Cheat Sheet.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { equal } from './equal.ts'
import { frame, isFrameable } from './frame.ts'
import { hmac } from './hmac.ts'
import { keyWeakness } from './key-strength.ts'
import { createRandom, type Random } from './random.ts'
import { openBytes, sealBytes } from './seal.ts'
import { reveal, type Secret } from './secret.ts'

/** Why a signature or a sealed text was refused. For the log; to the client every reason is the same. */
export type KeyRefusal = 'unknown-key' | 'mismatch' | 'malformed'
export type Verified = { readonly ok: true; readonly keyId: string } | { readonly ok: false; readonly reason: KeyRefusal }
export type Opened =
  | { readonly ok: true; readonly keyId: string; readonly plaintext: Buffer }
  | { readonly ok: false; readonly reason: KeyRefusal }

/** One text, or several that are kept apart whatever they contain: `['name', 'value']` is never `['namev', 'alue']`. */
export type Parts = string | readonly string[]

/** Keys by purpose. A purpose is a constant of the program: lower-case words with `-`, `.`, `/` or `:`, at most 64 characters. */
export interface KeyRing {
  /** The id of the key that signs and seals now. Of a ring with a scheduled key it changes while the process runs. */
  readonly current: string
  /** All ids, the current one first when the ring was read. */
  readonly ids: readonly string[]
  /** 32 bytes for this purpose, for use elsewhere (a pepper, another library). With an id: of that key, `undefined` when there is none. */
  subkey(purpose: string): Buffer
  subkey(purpose: string, keyId: string): Buffer | undefined
  /** `keyId.mac` of the text with the current key. */
  sign(purpose: string, text: Parts): string
  /** Whether `mac` was made by `sign` for the same purpose and text, with any key of the ring. */
  verify(purpose: string, text: Parts, mac: string): Verified
  /** `keyId.sealed`: encrypted and authenticated. Opening needs the same associated data, for example the id of the row it is stored in. */
  seal(purpose: string, plaintext: string | Uint8Array, associatedData?: Parts): string
  /** What `seal` was given, as bytes. */
  open(purpose: string, sealed: string, associatedData?: Parts): Opened
}

type Use = 'key' | 'mac' | 'seal'

const MOST_KEYS = 16
const LONGEST_TEXT = 4096
const ID = /^[A-Za-z0-9_-]{1,32}$/
const PURPOSE = /^[a-z][a-z0-9./:-]{0,63}$/
const MAC = /^[A-Za-z0-9_-]{43}$/
const MOST_CACHED = 1024 // purposes are constants, so this is never reached; if it is, keys are derived again, not kept without bound
const SCHEDULED = /^(?<id>[^@]*)@(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)T(?<hour>\d\d)(?<minute>\d\d)(?<second>\d\d)Z$/
const HOW = 'Make one with generateKey(), and write the keys as id:key[,id:key…], the current one first.'

/** One key of a ring, as text shows it; `from` in milliseconds, for one that was scheduled. */
export interface ListedKey {
  readonly id: string
  readonly from: number | undefined
  /** What stands in the ring: a secret. */
  readonly entry: string
}

interface Key {
  readonly bytes: Buffer
  readonly from: number
}

/**
 * Reads `id:base64url[,id:base64url…]`, the first being current. One that is written `id@20270131T120000Z:base64url` is current from that
 * time on, and opens and verifies before: so that all processes know a key before the first of them signs with it.
 * Refuses, with an error that says which key by its id and never shows it: a key under 32 bytes, one that does not look random, the same
 * key or id twice, more than 16 keys, a ring whose keys are all to come.
 */
export function parseKeyring(text: string | Secret, now: () => number = Date.now): KeyRing {
  const source = reveal(text)
  if (source.trim() === '') throw new Error(`There is no key. Without one nothing can be signed. ${HOW}`)
  if (source.length > LONGEST_TEXT)
    throw new Error(`The keys are ${source.length} characters long, at most ${LONGEST_TEXT} are read. ${HOW}`)
  const entries = source.split(',')
  if (entries.length > MOST_KEYS)
    throw new Error(`There are ${entries.length} keys, at most ${MOST_KEYS} are read. Remove the oldest.`)
  const keys = new Map<string, Key>()
  for (const [index, entry] of entries.entries()) {
    const { id, bytes, from } = parseKey(entry.trim(), index + 1)
    if (keys.has(id))
      throw new Error(`Two keys have the id "${id}", so a signature could not say which made it. Give each key an id of its own.`)
    for (const [other, known] of keys)
      if (known.bytes.equals(bytes))
        throw new Error(`The keys "${other}" and "${id}" are the same, so nothing was rotated. Make a new one. ${HOW}`)
    keys.set(id, { bytes, from })
  }
  return createKeyring(keys, now)
}

/** The keys of a ring's text, in their order: for who rotates it. The text must be one that `parseKeyring` takes. */
export function listKeys(text: string | Secret): readonly ListedKey[] {
  return reveal(text)
    .split(',')
    .map((part) => {
      const entry = part.trim()
      const { id, from } = readName(entry.slice(0, entry.indexOf(':')))
      return { id, from, entry }
    })
}

/** `20270131T120000Z`: how a ring says from when a key is current. Whole seconds. */
export function keyTime(time: number): string {
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

/** A new random key as text, `id:base64url(32 bytes)`. The id is for people and logs and not secret. @default a random id such as `k4f09a1c2` */
export function generateKey(id?: string, random: Random = createRandom()): string {
  const name = id ?? `k${random.bytes(4).toString('hex')}`
  if (!ID.test(name))
    throw new Error(`A key id has 1 to 32 letters, digits, "-" or "_", got ${JSON.stringify(name.slice(0, 40))}.`)
  for (;;) {
    const bytes = random.bytes(32)
    const text = bytes.toString('base64url')
    if (keyWeakness(text, bytes) === undefined) return `${name}:${text}`
  }
}

function parseKey(entry: string, position: number): Key & { id: string } {
  const colon = entry.indexOf(':')
  const { id, from = Number.NEGATIVE_INFINITY } = readName(entry.slice(0, Math.max(colon, 0)))
  if (!ID.test(id)) throw new Error(`Key ${position} has no valid id: 1 to 32 letters, digits, "-" or "_" before a colon. ${HOW}`)
  const text = entry.slice(colon + 1)
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text)
    throw new Error(`The key "${id}" is not base64url without padding (A–Z a–z 0–9 - _). ${HOW}`)
  const weakness = keyWeakness(text, bytes)
  if (weakness !== undefined) throw new Error(`The key "${id}" ${weakness}. Whoever guesses it can forge sessions. ${HOW}`)
  return { id, bytes, from }
}

/** `id`, or `id@20270131T120000Z`. A time that is none leaves the `@` in the id, which then is refused. */
function readName(name: string): { id: string; from: number | undefined } {
  const parts = SCHEDULED.exec(name)?.groups
  if (parts === undefined) return { id: name, from: undefined }
  const { id, year, month, day, hour, minute, second } = parts
  const from = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(from) ? { id: name, from: undefined } : { id: id!, from }
}

/** Which key is current: of those whose time has come the one that came last, and the first of several without a time. */
function currentOf(keys: ReadonlyMap<string, Key>, now: () => number): () => string {
  const latest = [...keys].toSorted(([, a], [, b]) => (a.from === b.from ? 0 : b.from - a.from))
  const find = () => latest.find(([, { from }]) => from === Number.NEGATIVE_INFINITY || from <= now())?.[0]
  const first = find()
  if (first === undefined) throw new Error(`There is no key yet: all of them are current later only. ${HOW}`)
  // Without a key to come the answer stays, and the clock is not asked. Clocks that go back go no further than what was current.
  return latest[0]![0] === first ? () => first : () => find() ?? first
}

function createKeyring(keys: ReadonlyMap<string, Key>, now: () => number): KeyRing {
  const current = currentOf(keys, now)
  const ids = Object.freeze([current(), ...[...keys.keys()].filter((id) => id !== current())])
  const random = createRandom()
  const derived = new Map<string, KeyObject>()

  /** The key for one use of one purpose: HKDF-SHA256 without salt (the input is uniform, RFC 5869 section 3.1), the info unambiguous. */
  function derive(use: Use, purpose: string, id: string): KeyObject | undefined {
    const name = `${use} ${purpose} ${id}` // neither a purpose nor an id can hold a space
    const known = derived.get(name)
    if (known !== undefined) return known
    if (!PURPOSE.test(purpose))
      throw new TypeError(
        `A purpose is a constant such as "session" or "csrf/token", got ${JSON.stringify(purpose.slice(0, 80))}.`,
      )
    const root = keys.get(id)
    if (root === undefined) return undefined
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', root.bytes, '', `holdfast/1 ${use} ${purpose}`, 32)))
    if (derived.size < MOST_CACHED) derived.set(name, key)
    return key
  }

  function known(use: Use, purpose: string, id: string): KeyObject {
    const key = derive(use, purpose, id)
    if (key === undefined) throw new Error('The current key is not in the ring.') // cannot be: its id was read from the ring
    return key
  }

  function subkey(purpose: string): Buffer
  function subkey(purpose: string, keyId: string): Buffer | undefined
  function subkey(purpose: string, keyId: string = current()): Buffer | undefined {
    return derive('key', purpose, keyId)?.export() // a copy: a caller that erases it harms nobody
  }

  return {
    get current() {
      return current()
    },
    ids,
    subkey,
    sign(purpose, text) {
      const id = current() // asked once: its time may come between two questions
      return `${id}.${hmac(known('mac', purpose, id), frame(text))}`
    },
    verify(purpose, text, mac) {
      const { id, value } = split(mac)
      if (!ID.test(id) || !MAC.test(value) || !isFrameable(text)) return { ok: false, reason: 'malformed' }
      const key = derive('mac', purpose, id)
      if (key === undefined) return { ok: false, reason: 'unknown-key' }
      return equal(value, hmac(key, frame(text))) ? { ok: true, keyId: id } : { ok: false, reason: 'mismatch' }
    },
    seal(purpose, plaintext, associatedData = []) {
      const id = current()
      return `${id}.${sealBytes(known('seal', purpose, id), random.bytes(12), plaintext, frame(associatedData))}`
    },
    open(purpose, sealed, associatedData = []) {
      const { id, value } = split(sealed)
      if (!ID.test(id) || !isFrameable(associatedData)) return { ok: false, reason: 'malformed' }
      const key = derive('seal', purpose, id)
      if (key === undefined) return { ok: false, reason: 'unknown-key' }
      const plaintext = openBytes(key, value, frame(associatedData))
      return typeof plaintext === 'string' ? { ok: false, reason: plaintext } : { ok: true, keyId: id, plaintext }
    },
  }
}

function split(text: string): { id: string; value: string } {
  const dot = text.indexOf('.')
  return dot < 0 ? { id: '', value: '' } : { id: text.slice(0, dot), value: text.slice(dot + 1) }
}
