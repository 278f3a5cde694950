import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import type { Field, FieldRead } from './field.ts'
import { area, checkbox, choice, choices, date, email, file, form, hidden, list, number, password, text, url } from './index.ts'

const label = 'It'
const said = (read: FieldRead): unknown => (read.ok ? read.value : read.code)

/** What a field makes of texts of a form, and of values of JSON. */
const KINDS: Readonly<
  Record<string, readonly [Field<any>, readonly (readonly [unknown, unknown])[], readonly (readonly [unknown, unknown])[]]>
> = {
  text: [
    text({ label, max: 5 }),
    [
      ['a', 'a'],
      [' a ', 'a'],
      ['', 'required'],
      [undefined, 'required'],
      ['  ', 'required'],
      ['\u200b', 'required'],
      ['abcdef', 'too-long'],
      ['a\nb', 'control'],
    ],
    [
      ['a', 'a'],
      [undefined, 'required'],
      [null, 'type'],
      [1, 'type'],
      [['a'], 'type'],
      [{ $ne: '' }, 'type'],
      [true, 'type'],
    ],
  ],
  'text that may be missing': [
    text({ label, required: false, min: 2 }),
    [
      [undefined, ''],
      ['', ''],
      ['a', 'too-short'],
    ],
    [
      [undefined, ''],
      [null, 'type'],
    ],
  ],
  area: [
    area({ label, max: 9 }),
    [
      ['a\r\nb\tc', 'a\nb\tc'],
      ['a\0', 'control'],
    ],
    [['a\nb', 'a\nb']],
  ],
  password: [
    password({ label }),
    [
      [' a ', ' a '],
      ['e\u0301', 'e\u0301'],
      ['', 'required'],
    ],
    [[12345678, 'type']],
  ],
  email: [
    email({ label }),
    [
      ['mira@example.org', 'mira@example.org'],
      ['mira', 'email'],
      ['a@b@c', 'email'],
      ['a b@c.de', 'email'],
      ['a@-b.de', 'email'],
      ['a@b..de', 'email'],
    ],
    [['mira@example.org', 'mira@example.org']],
  ],
  url: [
    url({ label }),
    [
      ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
      ...[
        'javascript:alert(1)',
        '//example.org',
        'https:example.org',
        'https://u:p@example.org',
        'ftp://example.org',
        'https://a b.org',
        '/x',
      ].map((typed) => [typed, 'url'] as const),
    ],
    [[['https://example.org'], 'type']],
  ],
  number: [
    number({ label, min: -5, max: 100 }),
    [
      ...[
        ['0', 0],
        ['12', 12],
        ['-5', -5],
        [' 12 ', 12],
        ['-0', 0],
        ['', 'required'],
        [undefined, 'required'],
        ['101', 'too-large'],
        ['-6', 'too-small'],
      ],
      ...['1e1', '0x10', '010', '+1', '1.5', '1,5', '１', '١', '1 0', 'NaN', 'Infinity', '\t1', '1_0', '0b1', '1n'].map(
        (typed) => [typed, 'number'],
      ),
    ] as [string, unknown][],
    [
      [12, 12],
      ['12', 'type'],
      [Number.NaN, 'type'],
      [true, 'type'],
      [[12], 'type'],
      [null, 'type'],
      [-0, 0],
      [1.5, 'number'],
      [1e21, 'number'],
      [undefined, 'required'],
    ],
  ],
  'number with decimals': [
    number({ label, decimals: 2, required: false }),
    [
      ['1.25', 1.25],
      ['1.255', 'decimals'],
      ['1.', 'number'],
      ['.5', 'number'],
      ['', undefined],
    ],
    [
      [1.5, 1.5],
      [1e-7, 'number'],
    ],
  ],
  date: [
    date({ label, min: '2024-01-01', max: '2026-12-31' }),
    [
      ['2024-02-29', '2024-02-29'],
      ['2025-02-29', 'date'],
      ['2025-13-01', 'date'],
      ['2025-1-1', 'date'],
      ['01.02.2025', 'date'],
      ['2023-12-31', 'too-early'],
      ['2027-01-01', 'too-late'],
      ['', 'required'],
    ],
    [
      ['2024-02-29', '2024-02-29'],
      [1_700_000_000, 'type'],
      ['2024-02-29T00:00:00Z', 'date'],
    ],
  ],
  checkbox: [
    checkbox({ label }),
    [
      ['on', true],
      [undefined, false],
      ['true', 'choice'],
      ['off', 'choice'],
      ['', 'choice'],
    ],
    [
      [true, true],
      [false, false],
      [undefined, false],
      ['on', 'type'],
      [1, 'type'],
    ],
  ],
  'checkbox that has to be ticked': [
    checkbox({ label, required: true }),
    [
      ['on', true],
      [undefined, 'required'],
    ],
    [[false, 'required']],
  ],
  choice: [
    choice({ label, choices: { a: 'A', b: 'B' } }),
    [
      ['a', 'a'],
      ['c', 'choice'],
      ['', 'required'],
      ['A', 'choice'],
      ['toString', 'choice'],
      ['__proto__', 'choice'],
    ],
    [
      ['b', 'b'],
      [['a'], 'type'],
      [{ $gt: '' }, 'type'],
      [undefined, 'required'],
    ],
  ],
}

describe('a field', () => {
  for (const [name, [field, texts, values]] of Object.entries(KINDS)) {
    it(`of ${name} reads what is meant, and nothing that only looks like it`, () => {
      for (const [typed, expected] of texts)
        assert.deepEqual(
          said(field.fromTexts(typed === undefined ? [] : [typed as string])),
          expected,
          `form: ${JSON.stringify(typed)}`,
        )
      for (const [value, expected] of values)
        assert.deepEqual(said(field.fromJson(value)), expected, `JSON: ${JSON.stringify(value)}`)
    })
  }

  it('of several choices takes each once, in the order of the list', () => {
    const field = choices({ label, choices: { a: 'A', b: 'B', c: 'C' }, most: 2 })
    assert.deepEqual(said(field.fromTexts(['c', 'a'])), ['a', 'c'])
    assert.equal(said(field.fromTexts([])), 'required')
    assert.equal(said(field.fromTexts(['a', 'b', 'c'])), 'too-many')
    assert.equal(said(field.fromTexts(['a', 'a'])), 'repeated')
    assert.equal(said(field.fromTexts(['a', 'x'])), 'choice')
    assert.deepEqual(said(field.fromJson(['b'])), ['b'])
    assert.equal(said(field.fromJson('b')), 'type')
    assert.equal(said(field.fromJson([['b']])), 'choice')
  })

  it('that is a list reads each, leaves empty lines out, and knows its end', () => {
    const field = list(number({ label }), { most: 3 })
    assert.deepEqual(said(field.fromTexts(['1', '', '2'])), [1, 2])
    assert.equal(said(field.fromTexts(['1', 'x'])), 'number')
    assert.equal(said(field.fromTexts(['1', '2', '3', '4'])), 'too-many')
    assert.equal(said(field.fromTexts(['', ''])), 'required')
    assert.deepEqual(said(field.fromJson([1, 2])), [1, 2])
    assert.equal(said(field.fromJson(1)), 'type')
    assert.equal(said(field.fromJson(['1'])), 'type')
  })

  it('of a file is none when it comes as text', () => {
    const field = file({ label, types: ['image/png'], maxSize: '1 KiB', required: false })
    assert.equal(said(field.fromTexts(['../../etc/passwd'])), 'file')
    assert.equal(said(field.fromTexts([''])), undefined)
    assert.equal(said(field.fromJson({ path: '/etc/passwd' })), 'type')
  })
})

describe('a definition that cannot work', () => {
  const wrong: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['a field without a label', () => text({ label: '' }), /without a label/],
    ['an option that is misspelt', () => text({ label, mx: 3 } as never), /Did you mean "max"/],
    ['a length of nothing', () => text({ label, max: 0 }), /whole number from 1/],
    ['bounds that cross', () => number({ label, min: 3, max: 2 }), /at most 2/],
    ['a day that is none', () => date({ label, min: '2025-02-30' }), /Give a day/],
    ['nothing to choose from', () => choice({ label, choices: {} }), /what can be chosen/],
    ['a schema that is none', () => text({ label, schema: { parse() {} } as never }), /Standard Schema/],
    ['a form without fields', () => form('empty', {}), /no fields/],
    ['a name that reaches a prototype', () => form('x', { constructor: text({ label }) } as never), /Name fields/],
    ['a name that is no id', () => form('x', { 'a b': text({ label }) }), /Name fields/],
    ['a form without a name of its own', () => form('New Note', { a: text({ label }) }), /Name the form/],
    [
      'a file without a folder',
      () => form('x', { a: file({ label, types: ['image/png'], maxSize: 9 }) }),
      /where files are kept/,
    ],
    [
      'words for what never happens',
      () => form('x', { a: text({ label }) }, { messages: { reqired: 'x' } as never }),
      /Did you mean "required"/,
    ],
    ['a list whose lines have a schema', () => list(text({ label, schema: v.string() }), { most: 2 }), /the whole form/],
    ['a list of lists', () => list(choices({ label, choices: { a: 'A' } }), { most: 2 }), /Give a field of/],
    ['a hidden field of no length', () => hidden({ max: 0 }), /whole number/],
  ]
  for (const [name, make, message] of wrong) it(`does not start: ${name}`, () => assert.throws(make, message))
})
