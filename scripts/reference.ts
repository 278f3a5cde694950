/** `npm run docs`: writes docs/reference from the code, and the lists of guides and decisions. A test compares, so that the two cannot drift apart. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attacksPage } from './reference/attacks.ts'
import { commandsPage, controlsPage, errorsPage, eventsPage, settingsPage } from './reference/catalogues.ts'
import { doorsPage } from './reference/doors.ts'
import { indexPages } from './reference/indexes.ts'
import { lessonsPage } from './reference/lessons.ts'
import { page } from './reference/markdown.ts'
import { optionsPage } from './reference/options.ts'

export const REFERENCE = join(import.meta.dirname, '../docs/reference')

/** THE LIST of pages: file, what stands in it, how it is made. */
const PAGES = [
  ['options', 'Every option of `createHoldfast`, with its default', optionsPage],
  ['settings', 'Environment variables', settingsPage],
  ['commands', 'What `holdfast` can do', commandsPage],
  ['controls', 'What runs in front of the application, in order', controlsPage],
  ['events', 'What stands in the log', eventsPage],
  ['errors', 'What stops the process at start-up', errorsPage],
  ['doors', 'Every way in, and what holds there', doorsPage],
  ['attacks', 'What the tests send, and what holds it', attacksPage],
  ['lessons', 'Flaws of other systems, and what holds them here', lessonsPage],
] as const

/** File name and text of every page. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  for (const [name, , make] of PAGES) pages.set(`${name}.md`, await make())
  const index = PAGES.map(([name, what]) => `- [${name}](${name}.md): ${what.charAt(0).toLowerCase()}${what.slice(1)}`)
  return pages.set('README.md', page('Reference', index.join('\n')))
}

if (import.meta.main) {
  mkdirSync(REFERENCE, { recursive: true })
  for (const [file, text] of await referencePages()) writeFileSync(join(REFERENCE, file), text)
  for (const [file, text] of indexPages()) writeFileSync(join(REFERENCE, '..', file), text)
}
