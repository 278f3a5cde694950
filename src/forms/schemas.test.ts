import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { order } from '../../test/support/forms.ts'
import { startApp } from '../../test/support/app.ts'
import { describeSchema } from '../validate/describe.ts'
import { isStandardSchema, judge } from '../validate/standard-schema.ts'
import { readForm } from './read.ts'
import { form, hidden, number, operationOf, password, text, type StandardSchema } from './index.ts'

/** "A word in small letters", as three libraries say it. */
const WORDS: Readonly<Record<string, StandardSchema<any, string>>> = {
  valibot: v.pipe(v.string(), v.regex(/^[a-z]+$/, 'Small letters only.')),
  zod: z.string().regex(/^[a-z]+$/, 'Small letters only.'),
  arktype: type('/^[a-z]+$/').configure({ message: () => 'Small letters only.' }) as never,
}

/** Two words that have to be the same. */
const SAME: Readonly<Record<string, StandardSchema<any, { readonly one: string; readonly two: string }>>> = {
  valibot: v.pipe(
    v.object({ one: v.string(), two: v.string() }),
    v.forward(
      v.check(({ one, two }) => one === two, 'Not the same.'),
      ['two'],
    ),
  ),
  zod: z
    .object({ one: z.string(), two: z.string() })
    .refine(({ one, two }) => one === two, { path: ['two'], message: 'Not the same.' }),
  arktype: type({ one: 'string', two: 'string' }).narrow(({ one, two }, context) =>
    one === two ? true : context.reject({ message: 'Not the same.', path: ['two'] }),
  ) as never,
}

const fields = (texts: Readonly<Record<string, string>>) => ({ as: 'texts', fields: texts }) as const

for (const library of Object.keys(WORDS)) {
  describe(`schemas of ${library}`, () => {
    const word = WORDS[library]!

    it('follow the standard, judge and describe', async () => {
      assert.ok(isStandardSchema(word))
      assert.deepEqual(await judge(word, 'heron'), { ok: true, value: 'heron' })
      assert.deepEqual(await judge(word, 'Heron'), { ok: false, issues: [{ path: [], message: 'Small letters only.' }] })
      const described = describeSchema(word)
      assert.equal(described.ok && described.json['pattern'], '^[a-z]+$')
    })

    it('have the last word about a field', async () => {
      const { fields: own } = form('word', { word: text({ label: 'Word', schema: word }) })
      const reading = { fields: own, schema: undefined, messages: undefined }
      const taken = await readForm(reading, fields({ word: 'heron' }))
      assert.deepEqual([taken.ok && taken.value, taken.typed()], [{ word: 'heron' }, { word: ['heron'] }])
      const refused = await readForm(reading, fields({ word: 'Heron' }))
      assert.deepEqual(!refused.ok && refused.errors, [{ field: 'word', code: 'invalid', message: 'Small letters only.' }])
    })

    it('have the last word about the whole form', async () => {
      const { fields: own } = form(
        'same',
        { one: text({ label: 'One' }), two: password({ label: 'Two' }) },
        { schema: SAME[library]! },
      )
      const reading = { fields: own, schema: SAME[library], messages: undefined }
      assert.equal((await readForm(reading, fields({ one: 'a', two: 'a' }))).ok, true)
      const refused = await readForm(reading, fields({ one: 'a', two: 'b' }))
      assert.deepEqual(!refused.ok && refused.errors, [{ field: 'two', code: 'invalid', message: 'Not the same.' }])
    })
  })
}

describe('schemas', () => {
  it('may wait for their answer, and may make something else of a value', async () => {
    const taken = v.pipeAsync(
      v.string(),
      v.checkAsync(async (name) => name !== 'mira', 'Somebody has this name.'),
    )
    const upper = v.pipe(
      v.number(),
      v.transform((count) => `${count} of them`),
    )
    const { fields: own } = form('later', {
      name: text({ label: 'Name', schema: taken }),
      count: number({ label: 'Count', schema: upper }),
    })
    const reading = { fields: own, schema: undefined, messages: undefined }
    const read = await readForm(reading, fields({ name: 'tomas', count: '3' }))
    assert.deepEqual(read.ok && read.value, { name: 'tomas', count: '3 of them' })
    assert.equal((await readForm(reading, fields({ name: 'mira', count: '3' }))).ok, false)
  })

  it('are described without what JSON Schema has no words for, and without references', () => {
    const said = (schema: StandardSchema<any, any>) => {
      const described = describeSchema(schema)
      return described.ok ? described.json : described.why
    }
    assert.deepEqual(said(z.date()), {})
    const trimmed = v.pipe(
      v.string(),
      v.trim(),
      v.check(() => true),
      v.maxLength(3),
    )
    assert.deepEqual(said(trimmed), { type: 'string', maxLength: 3 })
    assert.deepEqual(said(v.pipe(v.string(), v.regex(/^a/i))), { type: 'string' }, 'half of a pattern would refuse what it takes')
    const city = z.string().max(5).meta({ id: 'City' })
    assert.deepEqual(said(z.object({ from: city, to: city }))['properties' as never], {
      from: { type: 'string', maxLength: 5 },
      to: { type: 'string', maxLength: 5 },
    })
    assert.equal(said(type({ 'kids?': 'this[]' })), 'it refers to itself')
    assert.equal(
      said({ '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } }),
      'own has no JSON Schema for it',
    )
    const named = v.object({ $ref: v.string(), message: v.literal('#') })
    assert.deepEqual(Object.keys(said(named)['properties' as never]), ['$ref', 'message'], 'names are no keywords')
  })
})

describe('the description of a form', () => {
  const valid = new Ajv2020({ strict: false, formats: { email: true, uri: true, date: true } }).compile(order.jsonSchema())

  it('takes what the form takes, and refuses what it refuses', async () => {
    await using app = await startApp()
    const good = { title: 'Herons', count: 2, size: 'large', agreed: true }
    const bodies: readonly Readonly<Record<string, unknown>>[] = [
      good,
      ...[
        { ...good, tags: ['a', 'b'] },
        { ...good, price: 1.25 },
        { ...good, extras: ['red', 'blue'] },
        { ...good, slug: 'abc' },
      ],
      ...[
        { ...good, title: '' },
        { ...good, title: 'x'.repeat(21) },
        { ...good, title: ['a'] },
        { ...good, count: 11 },
        { ...good, count: '2' },
      ],
      ...[
        { ...good, role: 'admin' },
        { ...good, size: 'vast' },
        { ...good, extras: ['red', 'red'] },
        { ...good, agreed: false },
        { ...good, count: 1.5 },
      ],
      ...[
        { count: 2 },
        { ...good, tags: ['1', '2', '3', '4'] },
        { ...good, price: 1001 },
        { ...good, extras: ['red', 'blue', 'green'] },
      ],
    ]
    for (const body of bodies) {
      const answer = await app.fetch('/api/order', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      assert.equal(valid(body), answer.status === 201, JSON.stringify(body))
    }
  })

  it('is an operation of the description of the API', async () => {
    await using app = await startApp()
    const own = operationOf(order, {
      ...{ method: 'post', path: '/api/order', id: 'order', what: 'Orders something.', as: 'anybody' },
      answers: { 201: { what: 'Ordered.' } },
    })
    const document = app.holdfast.describeApi([own])
    const { Validator } = await import('@seriousme/openapi-schema-validator')
    const checked = await new Validator().validate(structuredClone(document) as Record<string, unknown>)
    assert.equal(checked.valid, true, JSON.stringify(checked))
    const paths = document['paths'] as Record<string, { post?: { responses: Record<string, unknown>; requestBody: unknown } }>
    assert.ok(paths['/login'], 'the kit')
    assert.deepEqual(paths['/api/order']?.post?.requestBody, {
      required: true,
      content: { 'application/json': { schema: order.jsonSchema() } },
    })
    assert.ok(paths['/api/order']?.post?.responses['422'])
    assert.throws(() => app.holdfast.describeApi([own, own]), /stands twice/)
  })

  it('is one of the parameters too: of the path and of the query, each by the form that reads it', async () => {
    await using app = await startApp()
    const place = form('place', v.object({ id: v.pipe(v.number(), v.integer(), v.minValue(1)) }))
    const range = v.object({ from: v.pipe(v.string(), v.isoDate()), to: v.optional(v.pipe(v.string(), v.isoDate())) })
    const list = form(
      'list',
      v.object({
        words: v.optional(v.string()),
        all: v.optional(v.boolean()),
        kinds: v.optional(v.array(v.picklist(['a', 'b']))),
        range,
      }),
    )
    const about = { method: 'post', path: '/places/{id}', id: 'place', what: 'Looks.', as: 'session', answers: {} } as const
    const own = operationOf({ params: place, query: list, body: order }, about)
    const document = app.holdfast.describeApi([own])
    const { Validator } = await import('@seriousme/openapi-schema-validator')
    const checked = await new Validator().validate(structuredClone(document) as Record<string, unknown>)
    assert.equal(checked.valid, true, JSON.stringify(checked))
    const said = Object.entries(own.parameters ?? {}).map(([name, { in: where, required, schema }]) => [
      name,
      where,
      required,
      schema?.['type'],
    ])
    assert.deepEqual(said, [
      ['id', 'path', true, 'integer'],
      ['words', 'query', false, 'string'],
      ['all', 'query', false, undefined],
      ['kinds', 'query', false, 'array'],
      ['range.from', 'query', true, 'string'],
      ['range.to', 'query', false, 'string'],
    ])
    assert.deepEqual(own.parameters?.['all']?.schema, { const: 'on' })
    assert.throws(() => operationOf({ params: place, query: place }, about), /Name it otherwise/)
  })

  it('takes what stands beside a schema that refuses others', () => {
    const strict = form('strict', v.strictObject({ a: v.string() }), { more: { from: hidden() } })
    const valid = new Ajv2020({ strict: false }).compile(strict.jsonSchema())
    assert.deepEqual([valid({ a: 'b', from: '/x' }), valid({ a: 'b', role: 'admin' })], [true, false])
  })
})
