/** Secrets that nothing else contains, and the search for them wherever words come out. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where words come out. */
export interface Sink {
  readonly name: string
  readonly bytes: Buffer
}

/** What must not be found, and the sinks where it belongs nevertheless. */
export interface Canary {
  readonly name: string
  readonly value: string
  readonly belongs: readonly RegExp[]
}

/** How a value may be written. Base64 begins at any of three places of the text before it. */
export const WRITTEN: readonly (readonly [name: string, write: (value: string) => string])[] = [
  ['as it is', (value) => value],
  ['in capitals', (value) => value.toUpperCase()],
  ['in hex', (value) => Buffer.from(value).toString('hex')],
  ['in base64', (value) => Buffer.from(value).toString('base64')],
  ['in base64 from the second byte', (value) => Buffer.from(value.slice(1)).toString('base64')],
  ['in base64 from the third byte', (value) => Buffer.from(value.slice(2)).toString('base64')],
]

/** Twelve characters of a secret are enough: a log that cuts it short gives away too much as well. */
const ENOUGH = 12
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'

/** 24 letters that stand nowhere else, and that no encoding of an address or of HTML changes. */
export function newSecret(): string {
  return [...randomBytes(24)].map((byte) => LETTERS[byte % LETTERS.length]).join('')
}

/** Each canary that a sink holds where it does not belong, as a sentence. */
export function leaks(canaries: readonly Canary[], sinks: readonly Sink[]): string[] {
  return canaries.flatMap(({ name, value, belongs }) =>
    sinks
      .filter((sink) => !belongs.some((place) => place.test(sink.name)))
      .flatMap((sink) => {
        const how = WRITTEN.find(([, write]) => sink.bytes.includes(write(value).slice(0, ENOUGH)))
        return how ? [`${name} in ${sink.name}, ${how[0]}`] : []
      }),
  )
}

/** Every file of a folder. */
export function filesIn(folder: string): Sink[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: `file ${entry.name}`, bytes: readFileSync(join(entry.parentPath, entry.name)) }))
}
