/** The lists of guides and of decisions, made from the titles of their pages: a page that is there cannot be missing in its list. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const docs = join(import.meta.dirname, '../../docs')

/** Guides by what one is about to do, in the order in which one meets it. What stands in no group is listed at the end. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'To begin': ['run-the-example', 'add-to-an-application', 'protect-a-route', 'roles-and-policies', 'test-your-application'],
  'Ways in': [
    ...['passwords', 'second-factors', 'passkeys', 'openid-connect', 'sign-in-by-mail', 'sign-up-and-invitations', 'recovery'],
    ...['sessions', 'profile-and-notices', 'stop-guessing', 'tenants', 'impersonation', 'approvals', 'break-glass'],
  ],
  Programs: ['api-keys', 'tokens-for-apps', 'the-json-api', 'take-a-webhook', 'call-other-servers'],
  'Coming from elsewhere': ['import-users', 'move-from-flask'],
  Pages: ['templates', 'forms-and-csrf', 'uploads-and-downloads', 'content-security-policy'],
  'To run it': [
    'tls',
    'behind-a-proxy',
    'several-processes',
    'change-a-limit',
    'mail',
    'manage-users',
    'secrets-and-rotation',
    'queries-and-least-privilege',
    'read-the-log',
    'the-audit-log',
    'send-the-audit-log',
    'alerts',
    'watch-with-prometheus',
    'run-an-incident',
    'drills',
    'tune-detections',
    'what-is-not-protected',
  ],
}

/** Path under `docs/` and text of each list. */
export function indexPages(): ReadonlyMap<string, string> {
  return new Map([
    ['guides/README.md', guides()],
    ['decisions/README.md', decisions()],
  ])
}

function guides(): string {
  const files = pagesIn('guides')
  const grouped = new Set(Object.values(GROUPS).flat())
  const more = files.filter((file) => !grouped.has(file.replace(/\.md$/, '')))
  const groups = Object.entries(GROUPS).map(
    ([title, names]) => [title, names.map((name) => `${name}.md`).filter((file) => files.includes(file))] as const,
  )
  const sections = [...groups, ['More', more] as const].filter(([, list]) => list.length > 0)
  const text = sections.map(
    ([title, list]) => `## ${title}\n\n${list.map((file) => `- [${titleOf('guides', file)}](${file})`).join('\n')}`,
  )
  return ['# Guides', 'One a task. Their code is compiled and started by a test.', ...text].join('\n\n').concat('\n')
}

function decisions(): string {
  const lines = pagesIn('decisions').map((file) => {
    const [, number = '', title = ''] = /^(\d+)\. (.*)$/.exec(titleOf('decisions', file)) ?? []
    return `${number}. [${title}](${file})`
  })
  const about =
    'Where a reasonable person might have chosen otherwise. Each says what was at stake, what was chosen, and what it costs.'
  return `# Decisions\n\n${about}\n\n${lines.join('\n')}\n`
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(docs, folder))
    .filter((file) => file !== 'README.md')
    .toSorted()
}

function titleOf(folder: string, file: string): string {
  const [first = ''] = readFileSync(join(docs, folder, file), 'utf8').split('\n')
  if (!first.startsWith('# ')) throw new Error(`docs/${folder}/${file} does not begin with a title.`)
  return first.slice(2)
}
