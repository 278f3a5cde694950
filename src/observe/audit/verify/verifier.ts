/**
 * Verifies a log from its lines or rows and the public key alone: every chain from its beginning, or from the tombstone of what was
 * removed, against its signed checkpoints. Says of each chain the first position that does not hold.
 *
 * What it cannot see: that the end of a chain behind its last checkpoint was cut off, and anything at all if whoever holds the signing
 * key rewrote the log. Against that compare with checkpoints that were kept elsewhere (`seen`).
 */
import { leafText } from '../record.ts'
import { createHashes, genesis, toBase64, toBase64Url } from '../merkle.ts'
import { openNote, readCheckpoint, type Checkpoint, type Verifier } from '../note.ts'
import { readRange } from '../rows.ts'
import { ABOUT_THE_LOG, type Run } from './runs.ts'
import type { Threads } from './threads.ts'
import { digestsOf, isBlank, shownOf, type Unit } from '../units.ts'

/** Something that does not hold. */
export interface Break {
  readonly chain: string
  /** The first event that cannot be trusted; absent where it is not about one. */
  readonly seq?: number
  readonly what: string
  /** Line of the file, where there is one. */
  readonly line?: number
}

export interface ChainReport {
  readonly chain: string
  /** Events that were removed in time, and a tombstone stands for. */
  readonly removed: number
  readonly events: number
  /** Up to here the last checkpoint vouches. */
  readonly signed: number
  readonly redacted: number
}

export interface Verdict {
  readonly ok: boolean
  readonly chains: readonly ChainReport[]
  readonly breaks: readonly Break[]
}

export interface VerifyOptions {
  /** Checkpoints that were kept elsewhere. */
  readonly seen?: readonly string[]
  /** Told how many events, or lines, were read. */
  readonly progress?: (count: number) => void
  /** Who looks at the pages; closed in the end. @default as many as there are processors to spare */
  readonly threads?: Threads
}

/** A checkpoint or a tombstone, as it was kept. */
export interface SignedNote {
  readonly size: number
  readonly note: string
}

export interface Tombstone extends SignedNote {
  readonly hash: string
  readonly range: string
}

interface State {
  readonly chain: string
  /** Whether this chain says something of the log itself. */
  readonly listens: boolean
  size: number
  /** base64url. */
  hash: string
  range: string[]
  removed: number
  signed: number
  redacted: number
  broken: boolean
  readonly checkpoints: SignedNote[]
}

const REMOVED = '/removed'

/** The text of a tombstone: a checkpoint of another origin, with the chain's hash on a line of its own. */
export function tombstoneText(origin: string, size: number, root: string, hash: string): string {
  return `${origin}${REMOVED}\n${size}\n${root}\n${hash}\n`
}

/** Feeds on a log in its order. Throws for nothing that the log holds. */
export function createVerifier(verifiers: readonly Verifier[], seen: readonly string[] = []) {
  const hashes = createHashes()
  const states = new Map<string, State>()
  const breaks: Break[] = []
  const blanked = new Map<string, string>()
  const excused = new Set<string>()
  /** What processes found when they began: of these chains at least so much must be there. */
  const witnessed = new Map<string, number>()

  function fail(state: State, what: string, seq?: number, line?: number): void {
    state.broken = true
    breaks.push({ chain: state.chain, what, ...(seq !== undefined && { seq }), ...(line !== undefined && { line }) })
  }

  function stateOf(chain: string): State {
    const known = states.get(chain)
    if (known) return known
    const empty = {
      size: 0,
      hash: toBase64Url(genesis(chain)),
      range: [],
      removed: 0,
      signed: 0,
      redacted: 0,
      broken: false,
      checkpoints: [],
    }
    const made: State = { chain, listens: chain.endsWith('/administrative'), ...empty }
    states.set(chain, made)
    return made
  }

  /** What a note says of this chain, if one of the verifiers signed it. */
  function opened(chain: string, note: string, suffix = ''): (Checkpoint & { readonly text: string }) | undefined {
    const text = openNote(note, verifiers)
    const checkpoint = text === undefined ? undefined : readCheckpoint(text)
    const known = verifiers.some(({ name }) => checkpoint?.origin === `${name}/${chain}${suffix}`)
    return checkpoint && known ? { ...checkpoint, text: text! } : undefined
  }

  function tombstone(chain: string, { size, note, hash, range }: Tombstone): void {
    const state = stateOf(chain)
    if (size <= state.size || state.broken) return
    const roots = readRange(range)
    const stone = opened(chain, note, REMOVED)
    const text = stone && tombstoneText(stone.origin.slice(0, -REMOVED.length), size, toBase64(hashes.root(roots)), hash)
    if (text === undefined || stone?.text !== text)
      return fail(state, `The tombstone for the first ${size} events is not signed.`)
    Object.assign(state, { size, hash, range: [...roots], removed: size, signed: size })
  }

  function unit(state: State, one: Unit, line?: number): void {
    if (state.broken || one.seq < state.removed) return
    if (one.seq !== state.size) {
      const what =
        one.seq > state.size
          ? 'This event is missing.'
          : 'An event stands where it does not belong: inserted, doubled or reordered.'
      return fail(state, what, Math.min(one.seq, state.size), line)
    }
    const { who, what } = digestsOf(one)
    const leaf = hashes.leaf(leafText(one.seq, one.open, who, what))
    const hash = hashes.linkText(state.hash, leaf)
    if (hash !== one.hash) return fail(state, 'This event is not what was written.', one.seq, line)
    state.hash = hash
    hear(state, one, line)
    grow(state, leaf)
  }

  /** The same for many of which all is known but what stands before them. False where they do not follow that: then look at each. */
  function run(
    state: State,
    { first, count, leaves, hash, last, telling }: Run,
    unitAt: (place: number) => Unit,
    line?: number,
  ): boolean {
    const leafAt = (place: number) => leaves.slice(place * 32, place * 32 + 32)
    if (state.broken || first !== state.size || hashes.linkText(state.hash, leafAt(0)) !== hash) return false
    state.hash = last
    for (let [place, next] = [0, 0]; place < count && !state.broken; place++) {
      if (telling[next] === place) {
        next++
        hear(state, unitAt(place), line === undefined ? undefined : line + place)
      }
      grow(state, leafAt(place))
    }
    return true
  }

  /** What an event says of the log: that a part of it was blanked, or what it tells of others. */
  function hear(state: State, one: Unit, line?: number): void {
    if (isBlank('who', one.who) || isBlank('what', one.what)) notice(state, one, line)
    if (state.listens) listen(one)
  }

  function grow(state: State, leaf: string): void {
    hashes.grow(state.range, state.size, leaf)
    state.size++
    if (state.checkpoints[0] && state.checkpoints[0].size <= state.size) pass(state)
  }

  /** A part was blanked: nothing may be left of it, and somebody must have said so. */
  function notice(state: State, one: Unit, line?: number): void {
    state.redacted++
    for (const part of (['who', 'what'] as const).filter((name) => isBlank(name, one[name]))) {
      if (shownOf(part, one[part])[1].trim() !== '') fail(state, 'This event was filled in after it was blanked.', one.seq, line)
      blanked.set(`${state.chain}#${one.seq} ${part}`, state.chain)
    }
  }

  /** What the administrative chains say about the log itself. */
  function listen({ open, what }: Unit): void {
    const type = open.split('\n')[1]
    if (!ABOUT_THE_LOG.some((known) => known === type)) return
    const [, shown] = shownOf('what', what)
    const data = read(shown.slice(shown.indexOf('\n') + 1))
    for (const part of listOf(data['parts'])) excused.add(`${String(data['event'])} ${part}`)
    for (const head of listOf(data['heads'])) {
      const [chain = '', size] = head.split(' ')
      witnessed.set(chain, Math.max(Number(size), witnessed.get(chain) ?? 0))
    }
  }

  /** Compares with the checkpoints that the chain has just reached. */
  function pass(state: State): void {
    for (let next = state.checkpoints[0]; next && next.size <= state.size && !state.broken; next = state.checkpoints[0]) {
      state.checkpoints.shift()
      if (next.size < state.size) {
        if (next.size > state.removed) fail(state, `The checkpoint at ${next.size} stands behind events that came later.`)
        continue
      }
      const checkpoint = opened(state.chain, next.note)
      if (checkpoint?.size !== next.size) fail(state, `The checkpoint at ${next.size} is not signed by a key that was given.`)
      else if (checkpoint.root !== toBase64(hashes.root(state.range)))
        fail(state, `Something before event ${next.size} is not what was signed: it was rewritten with its hashes.`)
      else state.signed = next.size
    }
  }

  function end(): Verdict {
    for (const note of seen) {
      const chain = [...states.keys()].find((name) => opened(name, note) !== undefined)
      if (chain === undefined)
        breaks.push({
          chain: note.split('\n')[0] ?? '',
          what: 'A checkpoint that was kept elsewhere is of a chain that is not there.',
        })
    }
    for (const state of states.values()) {
      const missing = state.checkpoints.at(-1)
      if (!state.broken && missing)
        fail(state, `The end is missing: a checkpoint vouches for ${missing.size} events.`, state.size)
    }
    for (const [chain, size] of witnessed) {
      const state = states.get(chain)
      if ((state?.size ?? 0) < size && !state?.broken)
        breaks.push({ chain, seq: state?.size ?? 0, what: `There were ${size} events when a later process began.` })
    }
    for (const [place, chain] of blanked) {
      if (!excused.has(place))
        breaks.push({
          chain,
          seq: Number(/#(\d+)/.exec(place)![1]),
          what: 'This event was blanked, and no redaction was recorded.',
        })
    }
    const chains = [...states.values()].map(({ chain, removed, size, signed, redacted }) => ({
      chain,
      removed,
      events: size - removed,
      signed,
      redacted,
    }))
    return { ok: breaks.length === 0, chains, breaks }
  }

  return {
    /** Names a chain; its checkpoints may be given in any order, before its events or between them. */
    chain(name: string, checkpoints: readonly SignedNote[], stone?: Tombstone) {
      const kept = states.has(name) ? [] : seen.flatMap((note) => keptFor(opened(name, note), note))
      const state = stateOf(name)
      if (stone) tombstone(name, stone)
      state.checkpoints.push(...checkpoints, ...kept)
      state.checkpoints.sort((a, b) => a.size - b.size)
      pass(state)
      return {
        /** The next event. */
        one: (next: Unit, line?: number) => unit(state, next, line),
        /** The next events at once; `line`: where the first stands. False where they do not follow: then give each. */
        run: (next: Run, unitAt: (place: number) => Unit, line?: number) => run(state, next, unitAt, line),
      }
    },
    end,
  }
}

export type LogVerifier = ReturnType<typeof createVerifier>

function keptFor(checkpoint: Checkpoint | undefined, note: string): SignedNote[] {
  return checkpoint ? [{ size: checkpoint.size, note }] : []
}

function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
