import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import * as z from 'zod'
import { isGroup, type Fields } from './field.ts'
import { readForm } from './read.ts'
import { area, file, form, hidden, text, type Form, type StandardSchema } from './index.ts'

/** The same form, as three libraries say it. */
const SCHEMAS = {
  valibot: v.pipe(
    v.object({
      title: v.pipe(v.string(), v.trim(), v.maxLength(20), v.title('Headline'), v.description('In a few words.')),
      firstName: v.optional(v.string()),
      mail: v.pipe(v.string(), v.email()),
      page: v.optional(v.pipe(v.string(), v.url())),
      newPassword: v.string(),
      count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)),
      price: v.nullable(v.pipe(v.number(), v.gtValue(0), v.multipleOf(0.25))),
      public: v.boolean(),
      agreed: v.literal(true),
      size: v.picklist(['small', 'extra-large']),
      extras: v.pipe(v.array(v.picklist(['red', 'blue'])), v.maxLength(1)),
      tags: v.pipe(v.array(v.pipe(v.string(), v.maxLength(5))), v.minLength(1), v.maxLength(3)),
      address: v.object({ city: v.string(), zip: v.optional(v.pipe(v.string(), v.regex(/^\d+$/i, 'Digits only.'))) }),
      lines: v.optional(v.array(v.object({ what: v.string(), amount: v.pipe(v.number(), v.integer()) }))),
    }),
    v.forward(
      v.check(({ title, address }) => title !== address.city, 'Not the city again.'),
      ['address', 'city'],
    ),
  ),
  zod: z
    .object({
      title: z.string().trim().max(20).meta({ title: 'Headline', description: 'In a few words.' }),
      firstName: z.string().optional(),
      mail: z.email(),
      page: z.url().optional(),
      newPassword: z.string(),
      count: z.int().min(1).max(10),
      price: z.number().gt(0).multipleOf(0.25).nullable(),
      public: z.boolean(),
      agreed: z.literal(true),
      size: z.enum(['small', 'extra-large']),
      extras: z.array(z.enum(['red', 'blue'])).max(1),
      tags: z.array(z.string().max(5)).min(1).max(3),
      address: z.object({ city: z.string(), zip: z.string().regex(/^\d+$/i, 'Digits only.').optional() }).meta({ id: 'Address' }),
      lines: z.array(z.object({ what: z.string(), amount: z.int() })).optional(),
    })
    .refine(({ title, address }) => title !== address.city, { path: ['address', 'city'], message: 'Not the city again.' }),
  arktype: type({
    title: type('string.trim')
      .to('string <= 20')
      .configure({ title: 'Headline' } as never, 'self'),
    'firstName?': 'string',
    mail: 'string.email',
    'page?': 'string.url',
    newPassword: 'string',
    count: '1 <= number.integer <= 10',
    price: 'number > 0 | null',
    public: 'boolean',
    agreed: 'true',
    size: "'small' | 'extra-large'",
    extras: "('red' | 'blue')[] <= 1",
    tags: '1 <= (string <= 5)[] <= 3',
    address: { city: 'string', 'zip?': type(/^\d+$/).configure({ message: () => 'Digits only.' }) },
    'lines?': type({ what: 'string', amount: 'number.integer' }).array(),
  }).narrow(({ title, address }, context) =>
    title === address.city ? context.reject({ message: 'Not the city again.', path: ['address', 'city'] }) : true,
  ),
} as const

const GOOD = {
  ...{ title: 'Herons', mail: 'mira@example.org', newPassword: ' secret ', count: 2, price: null, public: false, agreed: true },
  ...{ size: 'small', extras: [], tags: ['a'], address: { city: 'Kiel' } },
} as const
const TEXTS = {
  ...{ title: ' Herons ', firstName: '', mail: 'mira@example.org', page: '', newPassword: ' secret ', count: '2', price: '' },
  ...{ agreed: 'on', size: 'small', tags: ['a', ''], 'address.city': 'Kiel', 'address.zip': '' },
  ...{ 'lines[0].what': '', 'lines[0].amount': '' },
}

/** `name: kind`, and `*` where it has to be filled in. */
function kindsOf(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      isGroup(field) ? { [field.kind]: kindsOf(field.members) } : `${field.kind}${field.required ? '*' : ''}`,
    ]),
  )
}

const readingOf = (of: Form<any, any>, schema: StandardSchema<any, any>) =>
  ({ fields: of.fields, schema, messages: undefined, found: { more: [] } }) as const

for (const library of ['valibot', 'zod', 'arktype'] as const) {
  const schema: StandardSchema<any, any> = SCHEMAS[library]
  const found = form('found', schema, { order: ['title', 'firstName'] })
  const reading = readingOf(found, schema)
  const json = (value: unknown) => readForm(reading, { as: 'json', value })
  const texts = (fields: Readonly<Record<string, string | readonly string[]>>) => readForm(reading, { as: 'texts', fields })
  const wrongWith = async (more: object) => {
    const read = await json({ ...GOOD, ...more })
    // arktype sorts names by itself.
    return read.ok
      ? ['taken']
      : read.errors.map(({ field, code, message }) => `${field}: ${code === 'invalid' ? message : code}`).toSorted()
  }

  describe(`a form by a schema of ${library} alone`, () => {
    it('has a field of the right kind for each member', () => {
      assert.deepEqual(kindsOf(found.fields), {
        ...{ title: 'text*', firstName: 'text', mail: 'email*', page: 'url', newPassword: 'password*', count: 'number*' },
        ...{ price: 'number', public: 'checkbox', agreed: 'checkbox*', size: 'choice*', extras: 'choices', tags: 'text*' },
        ...{ address: { group: { city: 'text*', zip: 'text' } }, lines: { rows: { what: 'text*', amount: 'number*' } } },
      })
      assert.deepEqual(Object.keys(found.fields).slice(0, 2), ['title', 'firstName'])
    })

    it('says in words what the schema says, or its names', () => {
      const { fields } = form('found', schema, {
        fields: { size: { choices: { 'extra-large': 'Huge' } }, title: { hint: 'Short.' } },
      })
      assert.deepEqual([fields['firstName']?.label, fields['newPassword']?.label], ['First name', 'New password'])
      assert.equal(fields['title']?.hint, 'Short.')
      if (library !== 'arktype') assert.equal(found.fields['title']?.label, 'Headline')
      if (library !== 'arktype') assert.equal(found.fields['title']?.hint, 'In a few words.')
    })

    it('takes JSON and texts, and gives what the schema makes of them', async () => {
      const read = await json(GOOD)
      assert.deepEqual(read.ok && read.value, GOOD)
      const typed = await texts(TEXTS)
      assert.deepEqual(typed.ok ? typed.value : typed.errors, GOOD)
      const full = { firstName: 'Mira', page: 'https://example.org/', price: 1.5, lines: [{ what: 'a', amount: 1 }] }
      const all = await json({ ...GOOD, ...full })
      assert.deepEqual(all.ok ? all.value : all.errors, { ...GOOD, ...full })
    })

    it('refuses by the rules of text first, then by the schema, each where it is', async () => {
      const all = { title: 'a\u202eb', count: '2', size: 'vast', role: 'admin' }
      assert.deepEqual(await wrongWith(all), [': unknown-fields', 'count: type', 'size: choice', 'title: bidi'])
      assert.deepEqual(await wrongWith({ address: { city: 'Kiel', zip: 'x' } }), ['address.zip: Digits only.'])
      assert.deepEqual(await wrongWith({ title: 'Kiel' }), ['address.city: Not the city again.'])
      const none = { public: undefined, extras: undefined, address: undefined }
      assert.deepEqual(await wrongWith(none), ['address: required', 'extras: required', 'public: required'])
      const kinds = { title: null, lines: [{ what: 'a', amount: 1.5 }] }
      assert.deepEqual(await wrongWith(kinds), ['lines[0].amount: number', 'title: type'])
    })
  })
}

/** Why a schema cannot be a form. */
function whyNot(schema: StandardSchema<any, any>, options?: object): string {
  try {
    form('own', schema, options as never)
    return 'it can'
  } catch (error) {
    return (error as Error).message
  }
}

describe('what cannot be a form', () => {
  interface Tree {
    readonly kids: readonly Tree[]
  }
  const tree: v.GenericSchema<Tree> = v.object({ kids: v.array(v.lazy(() => tree)) })
  const a = v.object({ kind: v.literal('a') })
  const b = v.object({ kind: v.literal('b') })
  let deep: v.GenericSchema<any> = v.object({ it: v.string() })
  for (let level = 0; level < 9; level++) deep = v.object({ it: deep as v.GenericSchema<unknown> })

  const REFUSED: Readonly<Record<string, readonly [StandardSchema<any, any>, RegExp]>> = {
    'a text': [v.string(), /form\.own cannot be .*: it is no object/],
    'one of several objects': [
      v.object({ pet: v.variant('kind', [a, b]) }),
      /form\.own\.pet .*one of several things \("oneOf"\)/,
    ],
    'a union': [v.object({ pet: v.union([v.string(), v.number()]) }), /form\.own\.pet .*one of several things \("anyOf"\)/],
    'what refers to itself': [tree, /it refers to itself/],
    'what refers to itself, of arktype': [type({ 'kids?': 'this[]' }), /it refers to itself/],
    'a record': [v.object({ map: v.record(v.string(), v.string()) }), /form\.own\.map .*members that nobody named/],
    'members that nobody named': [z.looseObject({ a: z.string() }), /form\.own .*members that nobody named/],
    'a tuple': [v.object({ pair: v.tuple([v.string(), v.string()]) }), /form\.own\.pair .*each of its places/],
    'a list of lists': [v.object({ grid: v.array(v.array(v.string())) }), /form\.own\.grid .*a list of lists/],
    'what JSON has no words for': [v.object({ at: v.date() }), /form\.own\.at .*no words.*isoDate/],
    'what JSON has no words for, of zod': [z.object({ at: z.set(z.string()) }), /form\.own\.at .*no words/],
    'a file': [z.object({ picture: z.file() }), /form\.own\.picture .*it is a file.*more: \{/],
    'numbers to choose from': [v.object({ a: v.picklist([1, 2]) }), /form\.own\.a, .*Name each value by a text/],
    'a keyword nobody knows': [z.object({ a: z.string().meta({ widget: 'x' }) }), /form\.own\.a .*keyword "widget"/],
    'a dangerous name': [v.object({ a: v.object({ constructor: v.string() }) }), /"constructor"/],
    'a tower': [deep, /Nest at most 8 deep/],
    'a library without words': [
      { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } },
      /own has no JSON Schema/,
    ],
  }
  for (const [what, [schema, why]] of Object.entries(REFUSED))
    it(`is ${what}, and it says so`, () => assert.match(whyNot(schema), new RegExp(`^HF_OPTION_INVALID: .*${why.source}`, 's')))

  it('is what is said of fields that are not there, or cannot be so', () => {
    const own = v.object({ title: v.string(), count: v.number(), size: v.picklist(['a', 'b']) })
    assert.match(whyNot(own, { fields: { titel: { label: 'x' } } }), /form\.own\.fields\.titel.*Did you mean "title"/)
    assert.match(
      whyNot(own, { fields: { title: { as: 'radios' } } }),
      /form\.own\.title, a field of kind text: .*as is not an option/,
    )
    assert.match(whyNot(own, { fields: { size: { choices: { c: 'C' } } } }), /choices\.c is not an option/)
    assert.match(whyNot(own, { fields: { count: { required: false } } }), /Make it optional in the schema/)
    assert.match(whyNot(own, { order: ['titel'] }), /Did you mean "title"/)
    assert.match(whyNot(own, { more: { title: text({ label: 'x' }) } }), /the schema has a member of this name/)
    assert.match(whyNot(own, { schema: own }), /made of a schema already/)
    assert.equal(whyNot(own), 'it can')
  })
})

describe('what is said besides', () => {
  const own = v.object({ title: v.string(), text: v.string(), at: v.any(), again: v.string() })
  const options = {
    fields: {
      title: { label: 'Headline', autocomplete: 'off', messages: { required: 'Say it.' } },
      text: { kind: 'area', required: false, max: 50 },
      at: { kind: 'date' },
      again: { kind: 'password' },
    },
    more: { from: hidden(), why: area({ label: 'Why', required: false }) },
  } as const
  const made = form('own', own, options)

  it('makes other kinds, words and bounds of fields', async () => {
    assert.deepEqual(kindsOf(made.fields), {
      ...{ title: 'text*', text: 'area', at: 'date*', again: 'password*', from: 'hidden', why: 'area' },
    })
    const reading = { fields: made.fields, schema: own, messages: undefined, found: { more: ['from', 'why'] } }
    const read = await readForm(reading, { as: 'texts', fields: { title: 'a', at: '2026-01-01', again: ' b ', from: '/x' } })
    assert.deepEqual(read.ok && read.value, { title: 'a', text: '', at: '2026-01-01', again: ' b ', from: '/x', why: '' })
    const refused = await readForm(reading, { as: 'texts', fields: { at: '2026-02-30', again: 'b' } })
    assert.deepEqual(!refused.ok && refused.errors.map(({ message }) => message.slice(0, 12)), ['Say it.', '“At”: write '])
  })

  it('adds a file, which the schema does not see', () => {
    const picture = file({ label: 'Picture', types: ['image/png'], maxSize: '1 KiB' })
    assert.throws(() => form('own', own, { ...options, more: { picture } }), /Say where files are kept/)
  })

  it('is typed: what the schema gives, and what stands beside it', async () => {
    const length = v.object({
      word: v.pipe(
        v.string(),
        v.transform((word) => word.length),
      ),
    })
    const typed: Form<{ word: number } & { from: string }, { word: string } & { from: string }> = form('own', length, {
      more: { from: hidden() },
    })
    const nested = form('own', z.object({ lines: z.array(z.object({ amount: z.number() })) }))
    const sum = (value: typeof nested extends Form<infer Value, any> ? Value : never) => value.lines[0]!.amount.toFixed(0)
    assert.equal(typed.name + sum({ lines: [{ amount: 1 }] }), 'own1')
  })

  it('takes a schema that describes itself already', () => {
    assert.deepEqual(kindsOf(form('own', toStandardJsonSchema(v.object({ a: v.string() })) as never).fields), { a: 'text*' })
  })
})

describe('a password that a schema refuses', () => {
  it('is not repeated in what is said about it, as libraries like to do', async () => {
    const schema = v.object({ password: v.pipe(v.string(), v.regex(/\d/)), slug: v.pipe(v.string(), v.regex(/\d/)) })
    const reading = readingOf(form('own', schema), schema)
    const read = await readForm(reading, { as: 'json', value: { password: 'open sesame', slug: 'open' } })
    const [first, second] = read.ok ? [] : read.errors
    assert.equal(first?.message, '“Password” cannot be right.')
    assert.match(second?.message ?? '', /received "open"/)
  })
})
