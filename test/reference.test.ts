/** The reference is what the generator makes of the code, and what the generator reads is whole. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { REFERENCE, referencePages } from '../scripts/reference.ts'
import { indexPages } from '../scripts/reference/indexes.ts'
import { readInterface } from '../scripts/reference/interfaces.ts'
import { table, value } from '../scripts/reference/markdown.ts'
import { controls } from '../src/controls/index.ts'
import { HoldfastError } from '../src/engine/errors.ts'
import { OPTION_NAMES } from '../src/options.ts'

describe('the reference', () => {
  let pages: ReadonlyMap<string, string>
  before(async () => {
    pages = await referencePages()
  })

  it('has these pages and no others', () => assert.deepEqual(readdirSync(REFERENCE).toSorted(), [...pages.keys()].toSorted()))

  for (const file of readdirSync(REFERENCE)) {
    it(`${file} says what the code says; after a change run "npm run docs"`, () => {
      assert.equal(readFileSync(join(REFERENCE, file), 'utf8'), pages.get(file))
    })
  }

  it('has lists of guides and decisions that name every page of them; after a change run "npm run docs"', () => {
    for (const [file, text] of indexPages()) assert.equal(readFileSync(join(REFERENCE, '..', file), 'utf8'), text, file)
  })

  it('names every option of createHoldfast and every control', () => {
    const text = pages.get('options.md')!
    for (const name of OPTION_NAMES) assert.ok(text.includes(`| \`${name}\` |`), name)
    for (const { name } of controls) assert.ok(text.includes(`### \`${name}\``), name)
  })

  it('names no option of a control that the control does not know', () => {
    for (const control of controls) {
      for (const name of optionsOf(pages.get('options.md')!, control.name)) {
        const [key = ''] = name.split('.')
        assert.doesNotThrow(() => control.options({ [key]: undefined } as never), `${control.name}.${name}`)
      }
      const isUnknown = (error: unknown) => error instanceof HoldfastError && error.code === 'HF_OPTION_UNKNOWN'
      assert.throws(() => control.options({ noSuchOption: undefined } as never), isUnknown, control.name)
    }
  })
})

describe('the generator', () => {
  it('refuses an interface that is not there, instead of writing an empty table', () => {
    assert.throws(() => readInterface('src/options.ts', 'NoSuchOptions'), { message: /has no interface/ })
  })

  it('refuses an option without a comment', () => {
    assert.throws(() => readInterface('src/controls/rate-limit/options.ts', 'RateLimitOptions'), { message: /has no comment/ })
  })

  it('takes a comment of several lines, its default, and whether the option may be left out', () => {
    const [limits] = readInterface('src/controls/rate-limit/options.ts', 'RateLimitInput')
    assert.equal(limits?.name, 'limits')
    assert.equal(limits?.optional, true)
    assert.match(limits?.what ?? '', /^Limits by name\. .+'export' \}\]`\.$/)
    assert.match(limits?.default ?? '', /^\{ client: /)
  })

  it('keeps a table whole when a cell holds a bar or a line end, and code apart from words', () => {
    assert.equal(table(['a'], [['x | y\nz']]), '| a |\n| --- |\n| x \\| y z |')
    assert.equal(value(`[] (off)`), '`[]` (off)')
    assert.equal(value('19 MiB, two passes'), '19 MiB, two passes')
  })
})

/** The first column of a control's table. */
function optionsOf(text: string, control: string): string[] {
  const [, section = ''] = text.split(`### \`${control}\`\n`)
  const [own = ''] = section.split('\n##')
  return [...own.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!)
}
