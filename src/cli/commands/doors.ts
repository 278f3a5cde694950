/** `holdfast doors`: every way in, and what holds there. Nothing is opened: it is the table that the tests try cell by cell. */
import { applies, INVARIANTS, ways, type Invariant, type Way } from '../../accounts/doors/matrix.ts'
import { hint } from '../../engine/suggest.ts'
import { shown } from '../arguments.ts'
import { done, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { table } from '../table.ts'

const NAMES = Object.keys(INVARIANTS) as readonly Invariant[]

const LEAD = [
  'Every way in goes down, and what must hold at all of them across; the numbers are explained below.',
  'x: held. The tests of Holdfast try it at this way, and see it fail there when its guard is taken away.',
  '-: it says nothing there. "holdfast doors DOOR" says why.',
].join('\n')

export const doors: Command = {
  name: 'doors',
  what: 'Show every way in, and which guards are tried at it',
  more: LEAD,
  actions: [{ name: '', args: ['[DOOR]'], what: 'All of them, or one with its reasons', run: show }],
}

async function show({ args: [name] }: Call): Promise<Outcome> {
  if (name === undefined) return done(overview(), ways.map(describe))
  const way = ways.find((one) => one.name === name)
  if (way === undefined)
    throw new Refusal(
      2,
      `There is no way in called ${shown(name)}. ${hint(
        name,
        ways.map((one) => one.name),
      )}`,
    )
  return done(details(way), describe(way))
}

/** As columns: the ways go down, and each invariant has a number. */
function overview(): string {
  const head = ['DOOR', ...NAMES.map((_, index) => String(index + 1))]
  const rows = ways.map((way) => [way.name, ...NAMES.map((invariant) => (applies(way, invariant) ? 'x' : '-'))])
  const legend = NAMES.map((invariant, index) => [String(index + 1), invariant, INVARIANTS[invariant]])
  return `${LEAD}\n\n${table(head, rows)}\n\n${table(['', 'INVARIANT', 'WHAT HOLDS'], legend)}`
}

function details(way: Way): string {
  const facts = [
    `${way.name}: ${way.what}`,
    `Proof: ${way.proofs.join(', ') || 'none, it opens no session'}. Letters: ${way.sends.join(', ') || 'none'}.`,
  ]
  const rows = NAMES.map((name) => [name, applies(way, name) ? 'held' : '-', way.not[name] ?? INVARIANTS[name]])
  return `${facts.join('\n')}\n\n${table(['INVARIANT', '', 'WHAT HOLDS, OR WHY IT SAYS NOTHING'], rows)}`
}

function describe({ name, what, proofs, sends, not }: Way) {
  const cells = NAMES.map((invariant) => [
    invariant,
    not[invariant] === undefined ? { held: true } : { held: null, why: not[invariant] },
  ])
  return { name, what, proofs, sends, invariants: Object.fromEntries(cells) as Record<Invariant, unknown> }
}
