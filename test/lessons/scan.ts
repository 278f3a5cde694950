/** Finds the tests that carry the id of a lesson in their title: `(L25)`, `(L25, L26; CVE-…)` or `[L25]`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Tagged {
  readonly file: string
  readonly title: string
  /** `L25` */
  readonly ids: readonly string[]
}

export const root = join(import.meta.dirname, '../..')
const TITLE = /\b(?:(?:it|test|describe)\(|title:)\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g
const TAG = /(?<![A-Za-z0-9-])L(\d{2,3})(?!\d)/g

/** Every test file, its sources as they stand. */
export function testFiles(): readonly string[] {
  return globSync(['src/**/*.{test,contract}.ts', 'test/**/*.ts', 'examples/**/*.test.ts'], { cwd: root }).toSorted()
}

/** The titles of one file. */
export function titlesOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(TITLE)].map(([, one, two, three]) => (one ?? two ?? three ?? '').replaceAll(/\\(['"`])/g, '$1'))
}

export function taggedTests(): readonly Tagged[] {
  return testFiles().flatMap((file) =>
    titlesOf(file)
      .map((title) => ({ file, title, ids: [...title.matchAll(TAG)].map(([id]) => id) }))
      .filter(({ ids }) => ids.length > 0),
  )
}
