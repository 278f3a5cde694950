/** What a rule about source is, in the shape in which all of them are listed, run and documented. */
import type { Finding } from '../engine/finding.ts'
import type { SourceTree, SyntaxNode } from './source-tree.ts'

/** One rule: what it looks for, and why that matters. `rules/index.ts` is THE LIST. */
export interface SourceRule {
  /** Stable: `HF-SQL-1`. */
  readonly id: string
  readonly severity: Finding['severity']
  readonly title: string
  /** What an attacker does with it. */
  readonly why: string
  readonly fix: string
  /** `CWE-89`. */
  readonly cwe: string
  /** Requirement of OWASP ASVS 5.0: `1.2.4`. */
  readonly asvs: string
  readonly examples: { readonly found: readonly string[]; readonly fine: readonly string[] }
  find(tree: SourceTree): Iterable<SyntaxNode>
}

/** One place in one file. */
export interface SourceFinding extends Finding {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
}
