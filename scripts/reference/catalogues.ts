/** `events.md`, `errors.md`, `settings.md`, `commands.md` and `controls.md`: pages from the catalogues that the code itself uses. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from '../../src/cli/commands/index.ts'
import { helpOf } from '../../src/cli/help.ts'
import { controls } from '../../src/controls/index.ts'
import { errorCatalogue } from '../../src/engine/errors.ts'
import { EVENTS } from '../../src/engine/events.ts'
import { SETTINGS } from '../../src/settings/settings.ts'
import { code, page, table } from './markdown.ts'
import { folderOf } from './options.ts'

const root = join(import.meta.dirname, '../..')

/** The parts that name each event in their code, so that nobody waits for one that never comes. */
function speakers(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>(Object.keys(EVENTS).map((type) => [type, new Set()]))
  const files = globSync('src/**/*.ts', { cwd: root }).filter(
    (file) => !/\.(?:test|contract)\.ts$|engine\/events\.ts$/.test(file),
  )
  for (const file of files.toSorted())
    for (const [, word = ''] of readFileSync(join(root, file), 'utf8').matchAll(/'([a-z]+_[a-z_]+)'/g))
      found.get(word)?.add(partOf(file))
  return found
}

/** Where everything meets; what is said there is said by the engine. */
const MEETING = ['adapters', 'services', 'settings', 'database', 'recorded']

/** `src/controls/csrf/csrf.ts` is `csrf`, `src/holdfast.ts` is `engine`: the word that stands in the event's field `control`. */
function partOf(file: string): string {
  const [, folder = '', name = ''] = file.split('/')
  if (folder === 'controls') return controls.find((control) => folderOf(control.name) === `src/controls/${name}`)?.name ?? name
  if (file === 'src/services/stores.ts') return 'store'
  return name === '' || MEETING.includes(folder) ? 'engine' : folder
}

export function eventsPage(): string {
  const from = speakers()
  const rows = Object.entries(EVENTS).map(([type, { level, what }]) => {
    const parts = [...from.get(type)!]
    return [code(type), level, what, parts.length === 0 ? 'nothing yet' : parts.join(', ')]
  })
  return page(
    'Events',
    'One JSON line each: `time`, `level`, `type`, `control`, and, where there is a request, `requestId`, `client`, `principal`, `method`, `path`; the facts stand in `data`. Names are those of the [OWASP Logging Vocabulary](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Vocabulary_Cheat_Sheet.html) where it has one. [How to read them](../guides/read-the-log.md).',
    table(['Type', 'Level', 'What happened', 'Control'], rows),
  )
}

export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(([name, what]) => [code(name), what])
  return page(
    'Errors',
    'What `createHoldfast` and the settings throw: a `HoldfastError` with a `code`, a message that says what is wrong and what was got, and a `fix`. The refusal of a request is never an error.',
    table(['Code', 'Meaning'], rows),
  )
}

export function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, line]) => [
    'secret' in line ? `${code(name)}, ${code(`${name}_FILE`)}` : code(name),
    line.what,
    line.default,
  ])
  return page(
    'Settings',
    'Environment variables of the example and of the command; `readSettings(process.env)` gives them to your own application. A name that begins with `HOLDFAST_` and is not here stops the process. `…_FILE` is the path of a file that holds the value.',
    table(['Name', 'What it is', 'Default'], rows),
  )
}

export function commandsPage(): string {
  const sections = commands.map((command) => `## \`holdfast ${command.name}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
  return page(
    'Commands',
    'What `holdfast help` says. In this repository the command is `npm run holdfast --`. Exit codes: 0 done, 1 findings or refused, 2 wrong usage, 3 could not complete. [How to use it](../guides/manage-users.md).',
    ...sections,
  )
}

export function controlsPage(): string {
  const rows = controls.map(({ name, needs = [], gives = [] }, index) => [
    String(index + 1),
    `[${name}](../../${folderOf(name)}/README.md)`,
    stops(folderOf(name)),
    needs.map((slot) => slot.name).join(', '),
    gives.map((slot) => slot.name).join(', '),
  ])
  return page(
    'Controls',
    'In the order in which a request meets them. What a control needs, one before it gives; that is proved at start-up.',
    table(['', 'Control', 'Stops', 'Needs', 'Gives'], rows),
  )
}

/** The sentence after "Stops" on the page of a control. Throws when there is none. */
function stops(folder: string): string {
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8')
  const match = /^\*\*Stops\*\* ([^]+?)(?:\n\n|\nSources?:|\n\*\*|\. |\.\n)/m.exec(text)
  if (!match) throw new Error(`${folder}/README.md does not say what it stops.`)
  return match[1]!.replaceAll(/\s+/g, ' ').replace(/[.:]$/, '')
}
