/** What the documentation says that can be tried: its code, its links, its commands. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Every page of the repository, by its path from the root. */
export const pages: readonly string[] = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => ['node_modules', 'dist', '.holdfast', 'coverage', '.git'].includes(name),
}).toSorted()

export interface Block {
  readonly page: string
  /** Line of its first line, from 1. */
  readonly line: number
  /** `ts`; empty for a block that is only indented. */
  readonly language: string
  readonly text: string
}

interface Parts {
  readonly blocks: readonly Block[]
  /** The text without its blocks; lines stay where they were. */
  readonly prose: string
}

export function read(page: string): Parts {
  const lines = readFileSync(join(root, page), 'utf8').split('\n')
  const blocks: Block[] = []
  const prose: string[] = []
  let open: { readonly language: string; readonly line: number; readonly text: string[] } | undefined
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*```(\w*)\s*$/.exec(line)
    if (fence && open) {
      blocks.push({ page, line: open.line, language: open.language, text: open.text.join('\n') })
      open = undefined
    } else if (fence) open = { language: fence[1]!, line: index + 2, text: [] }
    else if (open) open.text.push(line)
    else if (/^ {4}\S/.test(line)) blocks.push({ page, line: index + 1, language: '', text: line.trim() })
    prose.push(fence || open || /^ {4}\S/.test(line) ? '' : line)
  }
  if (open) throw new Error(`${page}:${open.line}: the block has no end.`)
  return { blocks, prose: prose.join('\n') }
}

export interface Link {
  readonly page: string
  /** `../README.md`, or empty for a place on the same page. */
  readonly path: string
  readonly anchor: string | undefined
}

/** Links to other files and places; not those to other sites. */
export function linksOf(page: string): Link[] {
  const prose = read(page).prose.replaceAll(/`[^`\n]*`/g, '')
  const found = [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
  return found
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#', 2)
      return { page, path, anchor }
    })
}

/** The anchors that headings make: lower case, spaces to hyphens, other marks left out. */
export function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => text)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  )
}

/** Command lines in shell blocks and inline code that begin with npm, npx or holdfast; what is put before them is taken away. */
export function commandsOf(page: string): string[] {
  const { blocks, prose } = read(page)
  const shell = blocks
    .filter(({ language }) => ['', 'sh', 'console', 'bash'].includes(language))
    .flatMap(({ text }) => text.split('\n'))
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text)
  return [...shell, ...inline]
    .flatMap((line) => line.replace(/^\$ /, '').split(/&&|\|\||[|;]|\s[#<>]\s/))
    .map((part) => part.trim().replace(/^(?:[A-Z][A-Z0-9_]*=\S+\s+)+/, ''))
    .filter((part) => /^(?:npm|npx|holdfast) \S/.test(part))
}
