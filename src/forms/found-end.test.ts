/** Forms by schemas that refer to themselves: trees and threads, as deep as it was said and no deeper. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { scope, type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { readForm } from './read.ts'
import { form, type StandardSchema } from './index.ts'

interface Thread {
  readonly text: string
  readonly replies: readonly Thread[]
  readonly first?: Thread | undefined
}
const byValibot: v.GenericSchema<Thread> = v.object({
  text: v.pipe(v.string(), v.maxLength(20)),
  replies: v.array(v.lazy(() => byValibot)),
  first: v.optional(v.lazy(() => byValibot)),
})
const byZod: z.ZodType<Thread> = z.object({
  text: z.string().max(20),
  get replies() {
    return z.array(byZod)
  },
  get first() {
    return byZod.optional()
  },
})
const THREADS: Readonly<Record<string, StandardSchema<any, any>>> = {
  valibot: byValibot,
  zod: byZod,
  arktype: type({ text: 'string <= 20', replies: 'this[]', 'first?': 'this' }) as StandardSchema<any, any>,
}

/** A thread in which something stands in itself this often, through a list or as one. */
function thread(depth: number, through: 'replies' | 'first'): Thread {
  if (depth === 0) return { text: 'a', replies: [] }
  const inside = thread(depth - 1, through)
  return through === 'first'
    ? { text: 'a', replies: [], first: inside }
    : { text: 'a', replies: [inside, { text: 'b', replies: [] }] }
}

for (const [library, schema] of Object.entries(THREADS))
  describe(`a schema of ${library} that refers to itself`, () => {
    const deepest = 3
    const made = form('thread', schema, { deepest })
    const reading = { fields: made.fields, schema, messages: undefined, found: { more: [], deepest } }
    const said = async (value: unknown) => {
      const read = await readForm(reading, { as: 'json', value })
      return read.ok ? read.value : read.errors.map(({ field, code, message }) => `${field}: ${code}: ${message}`)
    }
    const isValid = new Ajv2020({ strict: false }).compile(made.jsonSchema())

    it('is read as deep as was said, and no deeper', async () => {
      for (const through of ['replies', 'first'] as const)
        for (let depth = 0; depth <= deepest; depth++) {
          const value = thread(depth, through)
          assert.deepEqual(await said(value), value)
          assert.equal(isValid(value), true, JSON.stringify(isValid.errors))
        }
      const [tooDeep] = (await said(thread(deepest + 1, 'replies'))) as string[]
      assert.match(
        tooDeep!,
        /^replies\[0\]\.replies\[0\]\.replies\[0\]\.replies: too-deep: “Replies” goes on too deep: at most 3\.$/,
      )
      assert.match(String(await said(thread(deepest + 1, 'first'))), /^first\.first\.first\.first: too-deep: /)
      for (const through of ['replies', 'first'] as const) assert.equal(isValid(thread(deepest + 1, through)), false)
      assert.match(String(await said(thread(30, 'replies'))), /too-deep/)
    })

    it('is held to its rules at every depth, and has no members that nobody named', async () => {
      const deep = { text: 'a', replies: [{ text: 'a', replies: [{ text: 'x'.repeat(21), replies: [], role: 'admin' }] }] }
      const wrong = (await said(deep)) as string[]
      assert.deepEqual(
        wrong.map((one) => one.split(': ').slice(0, 2).join(': ')),
        ['replies[0].replies[0]: unknown-fields', 'replies[0].replies[0].text: too-long'],
      )
      assert.match(String(await said({ text: 'a', replies: [{ text: 'a' }] })), /^replies\[0\]\.replies: required/)
      assert.match(String(await said({ text: 'a', replies: 'x' })), /^replies: type/)
      const last = JSON.parse(
        JSON.stringify(thread(deepest, 'first')).replace(/"replies":\[\]\}\}\}\}/, '"replies":"x"}}}}'),
      ) as unknown
      assert.match(String(await said(last)), /^first\.first\.first\.replies: type/)
    })

    it('has fields in a page, none where it ends', async () => {
      const texts = { text: 'a', 'replies[0].text': 'b', 'replies[0].replies[4].text': 'c' }
      const read = await readForm(reading, { as: 'texts', fields: texts })
      assert.deepEqual(read.ok ? read.value : read.errors, {
        text: 'a',
        replies: [{ text: 'b', replies: [{ text: 'c', replies: [] }] }],
      })
      const end = `${'replies[0].'.repeat(4)}text`
      const refused = await readForm(reading, { as: 'texts', fields: { text: 'a', [end]: 'x' } })
      assert.equal(refused.ok, false)
    })
  })

describe('a schema that refers to itself', () => {
  const whyNot = (schema: StandardSchema<any, any>, deepest?: number) => {
    try {
      return form('own', schema, { ...(deepest !== undefined && { deepest }) }).name
    } catch (error) {
      return (error as Error).message
    }
  }

  it('is refused where nobody said how deep, where it is too deep, and where it cannot end', () => {
    assert.match(whyNot(byValibot), /it refers to itself.*\{ deepest: 4 \}/s)
    assert.match(whyNot(byValibot, 0), /own\.deepest is 0/)
    assert.match(whyNot(byValibot, 8), /own\.deepest is 8/)
    const endless: v.GenericSchema<any> = v.object({ a: v.string(), inside: v.lazy(() => endless) })
    assert.match(whyNot(endless, 2), /own\.inside\.inside\.inside .*without an end.*optional/s)
    const full: v.GenericSchema<any> = v.object({ inside: v.pipe(v.array(v.lazy(() => full)), v.minLength(1)) })
    assert.match(whyNot(full, 2), /without an end.*Let the list be empty/s)
    const members = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`a${index}`, v.optional(v.lazy(() => wide))]))
    const wide: v.GenericSchema<any> = v.object(members)
    assert.match(whyNot(wide, 5), /5 deep is too deep/)
  })

  it('may do so over others, and may be null there', async () => {
    const over = scope({ branch: { name: 'string', 'leaves?': 'leaf[]' }, leaf: { 'grows?': 'branch' } }).export().branch
    const made = form('over', over as StandardSchema<any, any>, { deepest: 1 })
    const reading = { fields: made.fields, schema: undefined, messages: undefined, found: { more: [] } }
    const value = { name: 'a', leaves: [{ grows: { name: 'b', leaves: [{}] } }] }
    const read = await readForm(reading, { as: 'json', value })
    assert.deepEqual(read.ok ? read.value : read.errors, value)
    const list: v.GenericSchema<any> = v.object({ next: v.nullable(v.lazy(() => list)), a: v.string() })
    const chain = { fields: form('list', list, { deepest: 1 }).fields, schema: list, messages: undefined, found: { more: [] } }
    const good = { a: 'a', next: { a: 'b', next: null } }
    const taken = await readForm(chain, { as: 'json', value: good })
    assert.deepEqual(taken.ok && taken.value, good)
    const deep = await readForm(chain, { as: 'json', value: { a: 'a', next: good } })
    assert.deepEqual(!deep.ok && deep.errors.map(({ field, code }) => `${field}: ${code}`), ['next.next: too-deep'])
  })
})
