/**
 * Rows as the verifier wants them: the hashed texts, put together by the database. One text for thousands of rows is much cheaper to
 * read than twenty columns of each, and a million rows are to be verified in seconds.
 */
import { digest, partHead } from './record.ts'
import type { AuditDatabase } from './schema.ts'

/** What of one event is hashed, and what its hash is said to be. */
export interface Unit {
  readonly seq: number
  readonly open: string
  /** With their salts: `partText`. Once the part was blanked its salt is empty, and the digest is given. */
  readonly who: string
  readonly what: string
  readonly whoDigest: string
  readonly whatDigest: string
  /** base64url. */
  readonly hash: string
}

/** Rows read at a time. */
const PAGE = 2000

/** Between fields, parts and rows: a record holds no control characters. */
const LINE = '\n'
const PART = '\u001e'
const ROW = '\u001d'

const joined = (names: readonly string[], separator: string): string => names.join(`, '${separator}', `)
const OPEN = ['at', 'type', 'level', 'control', 'method', 'request_id']
const WHO = ['client', 'principal', 'impersonator', 'user_id', 'actor_id', 'session', 'api_key']
const WHAT = ['path', 'data']
const PARTS = [
  ...['seq', joined(OPEN, LINE)],
  ...[
    `'${partHead('who')}', ${joined(['who_salt', ...WHO], LINE)}`,
    `'${partHead('what')}', ${joined(['what_salt', ...WHAT], LINE)}`,
  ],
  ...['who_digest', 'what_digest', 'hash'],
]
/** `concat` takes NULL for empty, in both dialects. With an end of its own: what was cut off at a NUL has none. */
const UNIT = `concat(${joined(PARTS, PART)}, '${PART}')`

/** The events of a chain from `from` on, in their order, up to before `to`. */
export async function* readUnits(
  database: AuditDatabase,
  chain: number,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<Unit> {
  for await (const page of readPages(database, chain, from, to)) yield* page
}

/** The same, page by page: what is done a million times is cheaper without waiting each time. */
export async function* readPages(
  database: AuditDatabase,
  chain: number,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<readonly Unit[]> {
  for await (const page of readTexts(database, chain, from, to)) yield await page.units()
}

/** Rows as one text. */
export interface TextPage {
  readonly kind: 'rows'
  readonly text: string
  /** How many there are. */
  readonly count: number
  /** In their order. */
  units(): Promise<readonly Unit[]>
}

/** The same, not yet taken apart. */
export async function* readTexts(
  database: AuditDatabase,
  chain: number,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<TextPage> {
  const rows = `SELECT seq, ${UNIT} AS unit FROM hf_audit WHERE chain = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ${PAGE}`
  const join = database.dialect === 'sqlite' ? 'group_concat' : 'string_agg'
  const whole = database.statement<{ count: number; last: number; text: string }>(
    `SELECT count(*) AS count, max(seq) AS last, ${join}(unit, '${ROW}') AS text FROM (${rows}) AS page`,
  )
  const single = database.statement<{ unit: string }>(rows)

  async function unitsOf(text: string, count: number, start: number): Promise<readonly Unit[]> {
    let units = rowsOf(text)
    // Somebody put a separator into a row: it could be read as two, one of which is not there to be found.
    if (units.length !== count) units = (await single.all(chain, start, to)).map(({ unit }) => unit)
    // They come in order; no database promises it of a text that is joined.
    return units.map(readUnit).toSorted((a, b) => a.seq - b.seq)
  }

  for (let next = from; ;) {
    const start = next
    const { count, last, text } = (await whole.get(chain, start, to))!
    if (count === 0) return
    yield { kind: 'rows', text, count, units: () => unitsOf(text, count, start) }
    if (count < PAGE) return
    next = last + 1
  }
}

export const rowsOf = (text: string): readonly string[] => text.split(ROW)

export function readUnit(text: string): Unit {
  const parts = text.split(PART)
  // Somebody put a separator into a field: what stands there could be read as other fields than it is found by.
  if (parts.length !== PARTS.length + 1) return { ...NONE, seq: Number(parts[0]) }
  const [seq, open, who, what, whoDigest, whatDigest, hash] = parts as [string, string, string, string, string, string, string]
  return { seq: Number(seq), open, who, what, whoDigest, whatDigest, hash }
}

/** Nothing has this hash. */
const NONE = { open: '', who: '', what: '', whoDigest: '', whatDigest: '', hash: '' }

/** What stands for the two parts that can be blanked: computed, or kept where they were blanked. */
export function digestsOf({ who, what, whoDigest, whatDigest }: Unit): { readonly who: string; readonly what: string } {
  return { who: isBlank('who', who) ? whoDigest : digest(who), what: isBlank('what', what) ? whatDigest : digest(what) }
}

/** Whether this part was blanked: then it has no salt. */
export function isBlank(part: 'who' | 'what', text: string): boolean {
  return text[HEADS[part]] === LINE
}

/** Salt and content of a part. */
export function shownOf(part: 'who' | 'what', text: string): readonly [salt: string, content: string] {
  const end = text.indexOf(LINE, HEADS[part])
  return [text.slice(HEADS[part], end), text.slice(end + 1)]
}

const HEADS = { who: partHead('who').length, what: partHead('what').length }
