/**
 * Columns of the application that are encrypted: who copies the database reads nothing of them, and who may write to it can neither
 * change a value nor move it to another row or column (CWE-311, CWE-353).
 * Sources: OWASP Cryptographic Storage Cheat Sheet; OWASP ASVS 5.0 11.3 and 14.2; NIST SP 800-38D.
 */
import { createSecretKey } from 'node:crypto'
import { hmacBytes } from '../crypto/hmac.ts'
import { frame } from '../crypto/frame.ts'
import type { KeyRefusal, KeyRing } from '../crypto/keyring.ts'
import { isSecret, type Secret } from '../crypto/secret.ts'

export type OpenedField = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: KeyRefusal }

/** One column of one table. */
export interface FieldCipher {
  /** What is stored in the row of this id: `keyId.sealed`. Its length tells the length of the text. */
  seal(rowId: string, text: string | Secret): string
  /** The text, or why it cannot be read. The same row id is needed. */
  open(rowId: string, sealed: string): OpenedField
}

/** What a look-up stores beside a sealed column. */
export interface BlindIndex {
  /** What is stored, under the current key. */
  of(text: string | Secret): string
  /** One for each key of the ring, for the look-up `column in (…)`, until all rows were written anew. */
  candidates(text: string | Secret): readonly string[]
}

export interface BlindIndexOptions {
  /**
   * Bits that are kept, 8 to 256. Fewer make several texts share one entry: a look-up then finds more rows, which are opened and compared,
   * and who reads the table learns less. @default 256
   */
  readonly bits?: number
  /** What makes texts that mean the same the same. @default NFC, without blanks at the ends, in lower case */
  readonly normalise?: (text: string) => string
}

type Ring = Pick<KeyRing, 'seal' | 'open'>

const COLUMN = /^[a-z][a-z0-9_]{0,24}\.[a-z][a-z0-9_]{0,24}$/

/**
 * Makes the cipher of one column. Every column has a key of its own, and table, column and row are bound into what is stored.
 *
 * @example
 * const text = fieldCipher(keys, 'notes.text')
 * const sealed = text.seal(note.id, 'only for me')
 */
export function fieldCipher(keys: Ring, column: string): FieldCipher {
  const purpose = fieldPurpose(column)
  return {
    seal: (rowId, text) => keys.seal(purpose, plain(text), fieldData(column, rowId)),
    open(rowId, sealed) {
      const opened = keys.open(purpose, sealed, fieldData(column, rowId))
      return opened.ok ? { ok: true, text: opened.plaintext.toString() } : opened
    },
  }
}

/**
 * Makes the index by which rows of a sealed column are found: HMAC-SHA256 of the text under a key of this column alone.
 *
 * It leaks by being useful: equal texts have equal entries, so who reads the table sees how often each occurs, and who can have texts
 * stored can ask whether one is there. Do not index what has few values (yes or no, a year of birth, a diagnosis).
 */
export function blindIndex(
  keys: Pick<KeyRing, 'subkey' | 'ids'>,
  column: string,
  { bits = 256, normalise = usual }: BlindIndexOptions = {},
): BlindIndex {
  if (!Number.isInteger(bits) || bits < 8 || bits > 256)
    throw new RangeError(`The blind index of ${column} has ${bits} bits. Give a whole number from 8 to 256.`)
  const purpose = `index:${nameOf(column)}`
  const entry = (key: Buffer, text: string | Secret) =>
    cut(hmacBytes(createSecretKey(key), frame([column, normalise(plain(text))])), bits)
  return {
    of: (text) => entry(keys.subkey(purpose), text),
    candidates: (text) => keys.ids.map((id) => entry(keys.subkey(purpose, id)!, text)),
  }
}

/** For who seals a column anew: the purpose of its key. */
export function fieldPurpose(column: string): string {
  return `field:${nameOf(column)}`
}

/** For who seals a column anew: what is bound into the value of that row. */
export function fieldData(column: string, rowId: string): readonly string[] {
  return [...column.split('.'), rowId]
}

/** As a purpose is written: without "_", which none has, and "-" stands in no name of a column. */
function nameOf(column: string): string {
  if (COLUMN.test(column)) return column.replaceAll('_', '-')
  throw new TypeError(
    `A column is written as "table.column" in lower-case letters, digits and "_", each at most 25 long, got ${JSON.stringify(column.slice(0, 60))}.`,
  )
}

function plain(text: string | Secret): string {
  return isSecret(text) ? (text as Secret).reveal() : (text as string)
}

function usual(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}

/** The first bits; what is left of the last byte is zero. */
function cut(mac: Buffer, bits: number): string {
  const bytes = Buffer.from(mac.subarray(0, Math.ceil(bits / 8)))
  const over = bytes.length * 8 - bits
  bytes[bytes.length - 1] = (bytes.at(-1)! >> over) << over
  return bytes.toString('base64url')
}
