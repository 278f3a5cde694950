/** One record as one line of JSON: what a client sent can never begin a line of its own, move the cursor or turn the text around (CWE-117). */

/** DEL and C1 controls, line and paragraph separators, marks that turn the direction of text: JSON leaves them as they are. */
const UNSAFE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const LONGEST = 512

/** The line, without its end. Texts of more than 512 characters are cut. */
export function jsonLine(record: object): string {
  return JSON.stringify(record, limit).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function limit(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
}
