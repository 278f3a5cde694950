/** Runs the rules over one file of source. The parser is `oxc-parser`, an optional peer: it is loaded when the first file is read. */
import { HoldfastError } from '../engine/errors.ts'
import type { SourceFinding, SourceRule } from './source-rule.ts'
import { sourceTree, type SourceTree, type SyntaxNode } from './source-tree.ts'

/** The syntax of a file, or why there is none. Throws HF_PARSER_MISSING where the parser is not installed. */
export async function parseSource(
  file: string,
  text: string,
): Promise<{ readonly ok: true; readonly tree: SourceTree } | { readonly ok: false; readonly reason: string }> {
  const { parseSync } = await import('oxc-parser').catch((cause: unknown) => {
    throw new HoldfastError('HF_PARSER_MISSING', 'Source cannot be read: the package "oxc-parser" is not installed.', {
      fix: 'Run: npm install --save-dev oxc-parser',
      cause,
    })
  })
  const { program, errors } = parseSync(file, text)
  const [first] = errors
  if (first) return { ok: false, reason: first.message }
  return { ok: true, tree: sourceTree(file, text, program as unknown as SyntaxNode) }
}

/** What the rules find, in the order of the file. */
export function inspectSource(rules: readonly SourceRule[], tree: SourceTree): readonly SourceFinding[] {
  const found = rules.flatMap((rule) => [...rule.find(tree)].map((node) => ({ rule, start: node.start })))
  return found
    .toSorted((one, other) => one.start - other.start)
    .map(({ rule: { id, severity, title, fix }, start }) => {
      const before = tree.text.slice(0, start).split('\n')
      return { id, severity, what: title, fix, file: tree.file, line: before.length, column: before.at(-1)!.length + 1 }
    })
}
