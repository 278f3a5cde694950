/** `lessons.md`: flaws that were published of other systems, and the tests by which they are held here. */
import { lessons } from '../../test/lessons.ts'
import { taggedTests, type Tagged } from '../../test/lessons/scan.ts'
import { readAttacks } from './attacks.ts'
import { page, table } from './markdown.ts'

/** A cell names so many tests; the others are counted. */
const NAMED = 3
const UP = '../../'

export async function lessonsPage(): Promise<string> {
  const tagged = taggedTests()
  const attacks = new Map((await readAttacks()).map(({ id, file }) => [id as string, file]))

  function refer(reference: string): string {
    const attack = attacks.get(reference)
    if (attack !== undefined) return `[${reference}](${UP}test/attacks/${attack})`
    const [kind = '', name = ''] = reference.split(/:\s*(.*)/s)
    return kind === 'door' ? `[every door: ${name}](${UP}test/doors/invariants/${name}.ts)` : `[${name}](${UP}${kind})`
  }

  const rows = lessons.map(({ id, says, by = [], out }) => {
    const named = [...by.map(refer), ...tagged.filter(({ ids }) => ids.includes(id)).map(testLink)]
    const more = named.length > NAMED ? `, and ${named.length - NAMED} more` : ''
    return [
      id,
      says,
      [...(out === undefined ? [] : [`Not here: ${out}`]), `${named.slice(0, NAMED).join('; ')}${more}`]
        .filter(Boolean)
        .join(' '),
    ]
  })
  const absent = lessons.filter(({ out }) => out !== undefined).length
  return page(
    'Lessons',
    `${lessons.length} lessons from flaws that were published of other systems of sign-in; the advisories stand beside the tests. ${lessons.length - absent} are held by tests that carry their id, by attacks, or at every door; of ${absent} it says why there is nothing to hold, or what is not here.`,
    table(['Id', 'What must hold', 'Held by'], rows),
  )
}

/** The title without its ids, as text that Markdown leaves alone. */
function testLink({ file, title }: Tagged): string {
  const words = title
    .replaceAll(/\s*[[(](?:L\d{2,3})[^\])]*[\])]\s*/g, ' ')
    .replaceAll(/\$\{[^}]*\}/g, '…')
    .replaceAll(/[[\]<>*_`]/g, '')
    .trim()
  return `[${words.length > 90 ? `${words.slice(0, 89)}…` : words}](${UP}${file})`
}
