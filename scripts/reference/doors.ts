/** `doors.md`: every way in × every invariant, from the table that the registry test tries. */
import { applies, INVARIANTS, ways, type Invariant } from '../../src/accounts/doors/matrix.ts'
import { code, page, table } from './markdown.ts'

const NAMES = Object.keys(INVARIANTS) as readonly Invariant[]

export function doorsPage(): string {
  const held = ways.flatMap((way) => NAMES.filter((name) => applies(way, name))).length
  const matrix = ways.map((way) => [
    `[${way.name}](../../test/doors/drivers/${way.name}.ts)`,
    ...NAMES.map((name) => (applies(way, name) ? '✓' : '–')),
  ])
  const rows = NAMES.map((name) => [`[${name}](../../test/doors/invariants/${name}.ts)`, INVARIANTS[name]])
  const sections = ways.map(({ name, what, proofs, sends, not }) => {
    const facts = [
      `Proof: ${proofs.map(code).join(', ') || 'none, it opens no session'}.`,
      ...(sends.length > 0 ? [`Letters: ${sends.map(code).join(', ')}.`] : []),
    ]
    const reasons = Object.entries(not).map(([invariant, why]) => `- ${invariant}: ${why}`)
    return `### ${name}\n\n${what} ${facts.join(' ')}\n\n${reasons.join('\n')}`.trimEnd()
  })
  return page(
    'Doors',
    `${ways.length} ways in, ${NAMES.length} invariants. Each of the ${held} cells with a ✓ is tried by \`npm test\` over HTTP on an application with every door open; each invariant is also seen to fail where its guard is taken away. A – says that the invariant says nothing there; the reasons stand below. \`holdfast doors\` prints the same.`,
    table(['Way in', ...NAMES], matrix),
    '## What holds',
    table(['Invariant', 'What it says'], rows),
    '## Why not everywhere',
    ...sections,
  )
}
