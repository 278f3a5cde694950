/** `attacks.md`: every attack that the tests send, with what holds it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ADAPTERS } from '../../test/support/app.ts'
import { isHeldBy, type Attack } from '../../test/support/attack.ts'
import { code, page, table } from './markdown.ts'

const folder = join(import.meta.dirname, '../../test/attacks')

/** All attacks, in the order of their ids: A9 before A10, A82a before A82b. */
export async function readAttacks(): Promise<readonly (Attack & { readonly file: string })[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const found = await Promise.all(
    files.map(async (file) => {
      const { default: attacks } = (await import(join(folder, file))) as { default: Attack | readonly Attack[] }
      return [attacks].flat().map((attack) => Object.assign({ file }, attack as Attack))
    }),
  )
  return found.flat().toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
}

export async function attacksPage(): Promise<string> {
  const attacks = await readAttacks()
  const rows = attacks.map(({ id, title, control, adapters = ['node'], without, file }) => [
    `[${id}](../../test/attacks/${file})`,
    title,
    isHeldBy(without) ? `${code(control)}; held by ${HELD_BY[without.heldBy]}: ${without.why}` : code(control),
    adapters === 'all' || adapters.length === ADAPTERS.length ? 'all' : adapters.join(', '),
  ])
  const tried = attacks.filter(({ without }) => !isHeldBy(without)).length
  return page(
    'Attacks',
    `${attacks.length} attacks are sent by \`npm test\`, under each framework named here. ${tried} of them are sent a second time with their control off, where they must succeed: an attack that was never seen to succeed proves nothing. Of the others no option takes the defence away; the line says why.`,
    table(['Id', 'What the attacker does', 'Held by', 'Frameworks'], rows),
  )
}

const HELD_BY = { node: 'Node', 'start-up': 'start-up', design: 'design' } as const
