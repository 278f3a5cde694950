/**
 * What of events that follow each other can be said without knowing what stands before them, which is most of the work of verifying:
 * their leaves, and that each is linked to the one before it. So pages can be looked at side by side, in threads.
 */
import { readPlain } from '../lines.ts'
import { createHashes } from '../merkle.ts'
import { leafText } from '../record.ts'
import { digestsOf, isBlank, readUnit, rowsOf, type Unit } from '../units.ts'

/** Some thousand events: rows as the database joins them, or lines. */
export interface Page {
  readonly kind: 'rows' | 'lines'
  readonly text: string
}

/** Events of one chain, each behind the one before it. */
export interface Run {
  /** Empty where all rows are of one chain. */
  readonly chain: string
  /** Where the first stands in its page. */
  readonly at: number
  /** Position of the first in its chain. */
  readonly first: number
  readonly count: number
  /** 32 characters each, one a byte. */
  readonly leaves: string
  /** The hash of the first as it was written, to be compared with what its leaf and the chain before it give. */
  readonly hash: string
  /** That of the last. */
  readonly last: string
  /** Places in the run of those that say more than that they happened: a part was blanked, or they are about the log. */
  readonly telling: readonly number[]
}

export interface Found {
  readonly runs: readonly Run[]
  /** Rows or lines of the page, also those that are in no run. */
  readonly count: number
}

/** What the log says of itself: it was redacted, and how long its chains were when a process began. */
export const ABOUT_THE_LOG = ['audit_redacted', 'sys_audit_began'] as const
const TELLING = ABOUT_THE_LOG.map((type) => `\n${type}\n`)

type Growing = { -readonly [K in Exclude<keyof Run, 'leaves' | 'telling'>]: Run[K] } & {
  readonly leaves: string[]
  readonly telling: number[]
}

/** Makes the function that finds the runs of a page. */
export function createFinder(): (page: Page) => Found {
  const hashes = createHashes()

  return ({ kind, text }) => {
    const grown: Growing[] = []
    let run: Growing | undefined

    function add(unit: Unit, at: number, chain: string): void {
      const { who, what } = digestsOf(unit)
      const leaf = hashes.leaf(leafText(unit.seq, unit.open, who, what))
      const follows = run?.chain === chain && at === run.at + run.count && unit.seq === run.first + run.count
      if (run === undefined || !follows || hashes.linkText(run.last, leaf) !== unit.hash) {
        run = { chain, at, first: unit.seq, count: 0, leaves: [], hash: unit.hash, last: unit.hash, telling: [] }
        grown.push(run)
      }
      if (isTelling(unit)) run.telling.push(run.count)
      run.leaves.push(leaf)
      run.last = unit.hash
      run.count++
    }

    const parts = kind === 'rows' ? rowsOf(text) : linesOf(text)
    for (const [at, part] of parts.entries()) {
      const found = kind === 'rows' ? { chain: '', unit: readUnit(part) } : readPlain(part)
      if (found) add(found.unit, at, found.chain)
    }
    return { count: parts.length, runs: grown.map((one) => ({ ...one, leaves: one.leaves.join('') })) }
  }
}

function isTelling({ open, who, what }: Unit): boolean {
  return isBlank('who', who) || isBlank('what', what) || TELLING.some((type) => open.includes(type))
}

/** Lines end where their writer ended them: what people typed may hold other breaks (U+2028), which `readline` takes for one. */
export const linesOf = (text: string): readonly string[] => text.split(/\r?\n/)
