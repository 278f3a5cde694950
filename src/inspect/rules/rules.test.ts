import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { inspectSource, parseSource } from '../source.ts'
import { sourceRules } from './index.ts'

const ROOT = join(import.meta.dirname, '../../..')

async function found(text: string, rules = sourceRules, file = 'example.ts') {
  const parsed = await parseSource(file, text)
  assert.ok(parsed.ok, `${parsed.ok || parsed.reason}\n${text}`)
  return inspectSource(rules, parsed.tree)
}

describe('rules about source', () => {
  it('have ids of their own, a reason, a fix, a weakness and a requirement', () => {
    assert.equal(new Set(sourceRules.map(({ id }) => id)).size, sourceRules.length)
    for (const { id, why, fix, cwe, asvs, examples } of sourceRules) {
      assert.match(`${id} ${cwe} ${asvs}`, /^HF-[A-Z]+-\d+ CWE-\d+ \d+\.\d+\.\d+$/)
      assert.ok(why.length > 20 && fix.length > 20 && examples.found.length > 2 && examples.fine.length > 2, id)
    }
  })

  for (const rule of sourceRules) {
    describe(rule.id, () => {
      for (const text of rule.examples.found)
        it(`finds ${JSON.stringify(text)}`, async () =>
          assert.deepEqual(
            (await found(text, [rule])).map(({ id }) => id),
            [rule.id],
          ))
      for (const text of rule.examples.fine)
        it(`leaves ${JSON.stringify(text)} alone`, async () => assert.deepEqual(await found(text, [rule]), []))
    })
  }

  it('say where it is', async () => {
    const [one] = await found("import { sql } from 'kysely'\n\n  sql.raw(text)\n")
    assert.deepEqual([one?.file, one?.line, one?.column], ['example.ts', 3, 3])
  })

  it('are not misled by brackets, types, other names and shadows', async () => {
    const kysely = "import { sql } from 'kysely'\n"
    const hits = [
      `${kysely}sql.raw((text as string)!)`,
      `${kysely}sql['raw'](text)`,
      `${kysely}sql[how](text)`,
      `${kysely}sql?.raw(text)`,
      `${kysely}const text = 'fixed'\nfunction f(text: string) { sql.raw(text) }`,
      `${kysely}let text = 'fixed'\ntext = other\nsql.raw(text)`,
      `${kysely}const a = b, b = a\nsql.raw(a)`,
      `${kysely}const ORDERS = { up: 'asc', other: text }\nsql.raw(ORDERS[asked])`,
      `${kysely}class A { m() { return sql.raw(\`a \${this.x}\`) } }`,
      `import { sql as one } from 'kysely'\nconst { lit: literally } = one\nliterally(text)`,
    ]
    for (const text of hits) assert.equal((await found(text)).length, 1, text)
    for (const text of [
      `${kysely}sql.raw(('a' + 'b') as string)`,
      `${kysely}sql.raw(up ? 'asc' : 'desc')`,
      `${kysely}// sql.raw(text)`,
    ])
      assert.deepEqual(await found(text), [], text)
  })

  it('read every dialect, and say that a file cannot be read', async () => {
    assert.equal((await found("import { sql } from 'kysely'\nconst a = <p>{sql.raw(text)}</p>", sourceRules, 'a.tsx')).length, 1)
    assert.equal((await parseSource('a.ts', 'const = 1')).ok, false)
  })

  it('find nothing in the examples, and in the source what is put together there', async () => {
    const places = []
    for (const file of globSync('{src/store,examples}/**/*.ts', { cwd: ROOT }).filter(
      (name) => !/\.(test|contract)\.ts$/.test(name),
    ))
      for (const { id } of await found(readFileSync(join(ROOT, file), 'utf8'), sourceRules, file)) places.push(`${file} ${id}`)
    assert.deepEqual(
      places.filter((place) => place.startsWith('examples')),
      [],
    )
    assert.ok(places.includes('src/store/migrate.ts HF-SQL-1'), 'the texts of migrations are run as they are')
  })
})
