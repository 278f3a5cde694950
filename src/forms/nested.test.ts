import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as v from 'valibot'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { formOf } from '../../test/support/files.ts'
import { postForm } from '../../test/support/form-client.ts'
import { sendJson, SHIPMENT, SHIPMENT_TEXTS } from '../../test/support/form-attacks.ts'
import { shipment } from '../../test/support/forms.ts'
import type { Fields } from './field.ts'
import { readForm } from './read.ts'
import { typedOf } from './sent.ts'
import { firstOf, leafAt, nest } from './tree.ts'
import { viewOf } from './view.ts'
import { checkbox, file, form, group, number, rows, steps, text, type Form } from './index.ts'

const trip = form('trip', {
  name: text({ label: 'Name' }),
  home: group({
    label: 'Home',
    hint: 'Where you live.',
    fields: { city: text({ label: 'City' }), floor: number({ label: 'Floor' }) },
  }),
  other: group({ label: 'Other', required: false, fields: { city: text({ label: 'City' }) } }),
  stops: rows({
    label: 'Stops',
    required: false,
    most: 3,
    fields: {
      place: text({ label: 'Place', max: 10 }),
      night: checkbox({ label: 'Over night' }),
      seen: rows({ label: 'Seen', required: false, most: 2, fields: { bird: text({ label: 'Bird' }) } }),
    },
  }),
})
const reading = { fields: trip.fields, schema: undefined, messages: undefined }
const GOOD = { name: 'Mira', home: { city: 'Kiel', floor: 2 } }
const HOME = { name: 'Mira', 'home.city': 'Kiel', 'home.floor': '2' }
const setting = { csrf: undefined, once: undefined, seal: (_field: string, value: string) => value }

async function said(as: 'json' | 'texts', sent: Readonly<Record<string, unknown>>): Promise<unknown> {
  const source = as === 'json' ? ({ as, value: sent } as const) : ({ as, fields: sent as Record<string, string> } as const)
  const read = await readForm(reading, source)
  return read.ok ? read.value : read.errors.map(({ field, code }) => `${field}: ${code}`)
}

describe('what is nested in a form', () => {
  it('is read from JSON as objects and lists of objects', async () => {
    const stops = [{ place: 'Husum', night: true, seen: [{ bird: 'Heron' }] }, { place: 'Sylt' }]
    assert.deepEqual(await said('json', { ...GOOD, other: { city: 'Ribe' }, stops }), {
      ...{ ...GOOD, other: { city: 'Ribe' } },
      stops: [
        { place: 'Husum', night: true, seen: [{ bird: 'Heron' }] },
        { place: 'Sylt', night: false, seen: [] },
      ],
    })
    assert.deepEqual(await said('json', GOOD), { ...GOOD, other: undefined, stops: [] })
  })

  it('is read from names that say where it is, and rows that were left empty are none', async () => {
    const names = {
      ...{ 'stops[0].place': '', 'stops[2].place': 'Sylt', 'stops[2].seen[1].bird': 'Heron', 'stops[2].seen[0].bird': ' ' },
      ...{ 'stops[1].place': 'Husum', 'stops[1].night': 'on', 'other.city': '' },
    }
    assert.deepEqual(await said('texts', { ...HOME, ...names }), {
      ...{ ...GOOD, other: undefined },
      stops: [
        { place: 'Husum', night: true, seen: [] },
        { place: 'Sylt', night: false, seen: [{ bird: 'Heron' }] },
      ],
    })
  })

  const REFUSED: readonly (readonly ['json' | 'texts', Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ['json', { home: { city: '', floor: '2' } }, ['home.city: required', 'home.floor: type']],
    ['json', { home: undefined }, ['home: required']],
    ['json', { home: ['Kiel'], other: 'Ribe', stops: {} }, ['home: type', 'other: type', 'stops: type']],
    ['json', { home: null, stops: null }, ['home: type', 'stops: type']],
    ['json', { home: { ...GOOD.home, role: 'admin', to: 1 } }, ['home: unknown-fields']],
    ['json', { 'home.city': 'Ribe' }, [': unknown-fields']],
    ['json', { stops: [{ place: 'a' }, 'b'] }, ['stops: type']],
    [
      'json',
      { stops: [{ place: 'a' }, { place: 'x'.repeat(11), owner: 1 }] },
      ['stops[1]: unknown-fields', 'stops[1].place: too-long'],
    ],
    ['json', { stops: [{ place: 'a', seen: [{ bird: 'a\u202eb' }] }] }, ['stops[0].seen[0].bird: bidi']],
    ['json', { stops: [{}, {}, {}, {}] }, ['stops: too-many']],
    ['json', { stops: [{ place: { place: {} } }] }, ['stops[0].place: type']],
    ['json', { stops: [{ place: `a${'\u0301'.repeat(35)}` }] }, ['stops[0].place: unicode']],
    ['texts', { 'home.city': '', 'home.floor': '1e3' }, ['home.city: required', 'home.floor: number']],
    ['texts', { 'home.role': 'admin' }, ['home: unknown-fields']],
    ['texts', { home: 'Kiel' }, ['home: type']],
    ['texts', { 'home.city': ['Kiel', 'Ribe'] }, ['home.city: repeated']],
    ['texts', { 'home[0].city': 'Ribe', 'stops.place': 'a', 'name.x': 'b' }, [': unknown-fields']],
    [
      'texts',
      { 'stops[00].place': 'a', 'stops[-1].place': 'a', 'stops[1e1].place': 'a', 'stops[].place': 'a' },
      [': unknown-fields'],
    ],
    ['texts', { 'stops[5].place': 'a', 'stops[5].role': 'admin' }, ['stops[0]: unknown-fields']],
    ['texts', Object.fromEntries([1, 2, 3, 4].map((place) => [`stops[${place}].place`, 'a'])), ['stops: too-many']],
  ]
  for (const [as, sent, codes] of REFUSED)
    it(`is refused where it is wrong: ${as} ${JSON.stringify(sent).slice(0, 70)}`, async () => {
      assert.deepEqual(await said(as, { ...(as === 'json' ? GOOD : HOME), ...sent }), codes)
    })

  it('has no member that leads to a prototype, at no level, also of a parser that lets it through', async () => {
    const merge = (into: Record<string, unknown>, from: object): void => {
      for (const [name, value] of Object.entries(from) as [string, object | boolean][]) {
        if (typeof value === 'boolean') into[name] = value
        else merge((into[name] ??= {}) as Record<string, unknown>, value)
      }
    }
    const evil = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
    for (const body of [evil, `{"home":${evil}}`, `{"stops":[${evil}]}`, `{"stops":[{"seen":[${evil}]}]}`]) {
      const sent = JSON.parse(body) as Readonly<Record<string, unknown>>
      const read = await said('json', { ...GOOD, ...sent, ...(body === evil && { ['__proto__']: sent['__proto__'] }) })
      assert.match(String(read), /unknown-fields/, body)
      assert.equal('polluted' in {}, false)
      try {
        merge({}, sent)
        assert.equal('polluted' in {}, true, `what merges is polluted by ${body}`)
      } finally {
        delete (Object.prototype as unknown as Record<string, unknown>)['polluted']
      }
    }
  })

  it('says of a thousand rows a hundred errors, and looks at none of a thousand and one', async () => {
    const long = form('long', { lines: rows({ label: 'Lines', most: 1000, fields: { what: text({ label: 'What' }) } }) })
    const read = async (count: number) => {
      const value = { lines: Array.from({ length: count }, () => ({ what: 1 })) }
      const outcome = await readForm({ ...reading, fields: long.fields }, { as: 'json', value })
      return outcome.ok ? 0 : outcome.errors.length
    }
    assert.deepEqual([await read(1000), await read(1001)], [100, 1])
  })

  it('is judged whole by the schema, which says where in it something is wrong', async () => {
    const paths = [['stops', 1, 'place'], ['stops', 0, 'nowhere'], ['other'], ['nobody'], ['home', { key: 'city' }, 0]]
    const issues = paths.map((path, index) => ({ path, message: String(index) }))
    const schema = { '~standard': { version: 1, vendor: 'own', validate: () => ({ issues }) } } as const
    const read = await readForm(
      { ...reading, schema },
      { as: 'json', value: { ...GOOD, stops: [{ place: 'a' }, { place: 'b' }] } },
    )
    assert.deepEqual(!read.ok && read.errors.map(({ field, message }) => [field, message]), [
      ['stops[1].place', '0'],
      ['stops', '1'],
      ['other', '2'],
      ['', '3'],
      ['home.city', '4'],
    ])
  })
})

describe('what was typed into what is nested', () => {
  it('is read again as it was, as steps do at their end', async () => {
    const typed = {
      ...HOME,
      'other.city': '',
      'stops[3].place': 'Sylt',
      'stops[3].night': 'on',
      'stops[3].seen[0].bird': 'Heron',
    }
    const read = await readForm(reading, { as: 'texts', fields: typed })
    const again = await readForm(reading, { as: 'texts', fields: read.typed() })
    assert.deepEqual(again.ok && again.value, read.ok && read.value)
    assert.deepEqual(again.ok && (again.value as { stops: unknown }).stops, [
      { place: 'Sylt', night: true, seen: [{ bird: 'Heron' }] },
    ])
  })
})

describe('what is nested in a page', () => {
  const show = (options: object) => viewOf({ fields: trip.fields, messages: undefined }, options, setting)

  it('stands in fieldsets, with names that are read again', () => {
    const values = { name: 'Mira', home: { city: 'Kiel', floor: 2 }, stops: [{ place: 'Husum', night: true }] }
    const { html, fields } = show({ values })
    const names = [...html.toString().matchAll(/ name="([^"]+)"/g)].map(([, name]) => name)
    assert.deepEqual(names, [
      ...['name', 'home.city', 'home.floor', 'other.city'],
      ...[
        'stops[0].place',
        'stops[0].night',
        'stops[0].seen[0].bird',
        'stops[1].place',
        'stops[1].night',
        'stops[1].seen[0].bird',
      ],
    ])
    assert.match(
      fields['home']!.toString(),
      /^<fieldset [^>]*aria-describedby="home-hint"[^>]*>\s*<legend>Home<[^]*Where you live/,
    )
    assert.match(html.toString(), /name="home\.city" type="text" value="Kiel"[^>]* required/)
    assert.match(
      html.toString(),
      /name="stops\[0\]\.place" type="text" value="Husum"(?![^>]* required)/,
      'what may be empty as a whole',
    )
    assert.match(html.toString(), /<legend>Stops 2</)
  })

  it('shows again what was typed, rows moved up, and leads to what is wrong', async () => {
    const typed = { ...HOME, 'home.floor': 'x', 'stops[1].place': 'Much too long', 'stops[1].role': 'admin' }
    const read = await readForm(reading, { as: 'texts', fields: typed })
    assert.ok(!read.ok)
    const page = show({ sent: { ...read, typed: read.typed() } }).html.toString()
    assert.match(page, /href="#home\.floor"[^]*href="#stops\[0\]"[^]*href="#stops\[0\]\.place"/)
    assert.match(page, /id="stops\[0\]"[^]*id="stops\[0\]\.place" name="stops\[0\]\.place" type="text" value="Much too long"/)
    assert.match(page, /id="home\.floor"[^>]*autofocus/)
    assert.doesNotMatch(page, /admin|stops\[2\]/)
    assert.deepEqual(typedOf(trip.fields, nest(trip.fields, new Map([['other.city', ['a']]])))['other.city'], ['a'])
  })
})

describe('groups', () => {
  it('refuse at start-up what cannot work in them', () => {
    const label = 'It'
    const picture = file({ label, types: ['image/png'], maxSize: '1 KiB' })
    assert.throws(() => group({ label, fields: { picture } as never }), /picture.*Move it out of the group/s)
    assert.throws(() => group({ label, fields: {} }), /"It" has no fields/)
    assert.throws(() => group({ label, fields: { constructor: text({ label }) } as never }), /Name fields with letters/)
    assert.throws(() => rows({ label, most: 1001, fields: { a: text({ label }) } }), /rows\.most is 1001/)
    assert.throws(() => group({ label, fields: { a: text({ label }) }, most: 2 } as never), /group\.most is not an option/)
    assert.throws(() => group({ label, fields: { a: text({ label }) }, schema: v.any() } as never), /to the whole form/)
  })

  it('in lists in lists are bounded together, and none of their names is counted out', () => {
    const label = 'It'
    let fields: Fields = { word: text({ label, max: 200 }) }
    for (let depth = 0; depth < 7; depth++) fields = { word: text({ label }), inside: rows({ label, most: 1000, fields }) }
    const deep = form('deep', fields)
    assert.ok(deep.maxBody < 12_000_000, String(deep.maxBody))
    const wrong = `inside[999].inside[3].word`
    const errors = [`inside[999].inside[3]`, `inside[999]`].map((field) => ({ field, code: 'required' as const, message: 'No.' }))
    const typed = { [wrong]: ['x'], 'inside[1].word': ['y'] }
    assert.equal(firstOf(deep.fields, new Set(errors.map(({ field }) => field))), 'inside[999].word')
    assert.equal(firstOf(deep.fields, new Set(['inside[10].word', wrong, 'inside[9].inside'])), 'inside[9].inside[0].word')
    assert.deepEqual(typedOf(deep.fields, nest(deep.fields, new Map(Object.entries(typed))))['inside[0].word'], ['y'])
    for (const [name, is] of [
      [wrong, true],
      ['inside[1000].word', false],
      ['inside.1.word', false],
      ['inside[01].word', false],
      ['inside', false],
    ] as const)
      assert.equal(leafAt(deep.fields, name) !== undefined, is, name)
  })

  it('count in the steps of a form, and travel with them', () => {
    const lines = rows({ label: 'Lines', most: 100, fields: { what: text({ label: 'What', max: 200 }) } })
    const last = form('last', { name: text({ label: 'Name' }) })
    assert.throws(() => steps('many', [form('lines', { lines }), last]), /at most 12000 characters/)
    assert.ok(steps('few', [trip, last]))
  })

  it('are typed', () => {
    const typed: Form<
      {
        readonly name: string
        readonly home: { readonly city: string; readonly floor: number }
        readonly other: { readonly city: string } | undefined
        readonly stops: readonly {
          readonly place: string
          readonly night: boolean
          readonly seen: readonly { readonly bird: string }[]
        }[]
      },
      any
    > = trip
    assert.equal(typed, trip)
  })
})

describe('a form by a schema under an application', () => {
  const jsonErrors = async (app: TestApp, value: unknown) => {
    const { text: body, status } = await sendJson(app, '/api/shipment', value)
    const { errors } = JSON.parse(body) as { errors?: readonly { pointer: string; code: string }[] }
    return [status, ...(errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`)]
  }

  it('takes the same from a page, in parts, and as JSON', async () => {
    await using app = await startApp()
    assert.deepEqual(JSON.parse((await postForm(app, '/shipment', SHIPMENT_TEXTS)).text), SHIPMENT)
    const parts = formOf(Object.entries(SHIPMENT_TEXTS).map(([name, bytes]) => ({ name, bytes })))
    assert.deepEqual(JSON.parse((await app.fetch('/shipment', { method: 'POST', ...parts })).text), SHIPMENT)
    assert.deepEqual(await jsonErrors(app, SHIPMENT), [201])
  })

  it('points at what is wrong in JSON, and tells the log names alone', async () => {
    await using app = await startApp()
    const wrong = {
      address: { city: 'a\u202eb', country: 'xx' },
      lines: [...SHIPMENT.lines, { what: 'b', amount: 100, owner: 'me' }],
    }
    assert.deepEqual(await jsonErrors(app, { ...SHIPMENT, ...wrong }), [
      ...[422, '#/address/city bidi', '#/address/country choice', '#/lines/1 unknown-fields', '#/lines/1/amount too-large'],
    ])
    const { data } = app.events.find(({ type }) => type === 'input_validation_fail')!
    assert.deepEqual(data?.['fields'], ['address.city', 'address.country', 'lines[1]', 'lines[1].amount'])
    assert.doesNotMatch(JSON.stringify(app.events), /owner/)
  })

  it('is described as it takes: what the description lets through is taken, and nothing else', async () => {
    const valid = new Ajv2020({ strict: false, formats: { email: true } }).compile(shipment.jsonSchema())
    await using app = await startApp()
    const { address, lines } = SHIPMENT
    const { gift: _gift, ...ungiven } = SHIPMENT
    const BODIES: readonly unknown[] = [
      ...[SHIPMENT, { ...SHIPMENT, pickupPassword: 'four' }, { ...SHIPMENT, address: { ...address, street: 'x' } }],
      ...[ungiven, { ...SHIPMENT, gift: 'on' }, { ...SHIPMENT, to: '' }, { ...SHIPMENT, to: 'x'.repeat(41) }],
      ...[
        { ...SHIPMENT, lines: [] },
        { ...SHIPMENT, lines: Array(11).fill(lines[0]) },
        { ...SHIPMENT, lines: Array(10).fill(lines[0]) },
      ],
      ...[
        { ...SHIPMENT, lines: [{ what: 'a', amount: 1.5 }] },
        { ...SHIPMENT, lines: [{ what: 'a', amount: 1, more: 1 }] },
      ],
      ...[
        { ...SHIPMENT, address: { ...address, role: 'admin' } },
        { ...SHIPMENT, address: null },
        { ...SHIPMENT, role: 'admin' },
      ],
      ...[
        { ...SHIPMENT, address: { city: 'Kiel' } },
        { ...SHIPMENT, address: [address] },
        { ...SHIPMENT, pickupPassword: null },
        [],
      ],
    ]
    const taken: unknown[] = []
    for (const body of BODIES) {
      const [status] = await jsonErrors(app, body)
      if (status === 201) taken.push(body)
      assert.equal(valid(body), status === 201, JSON.stringify(body))
    }
    assert.equal(taken.length, 4)
  })
})
