import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { ADAPTERS, startApp } from '../../test/support/app.ts'
import { FORM } from '../../test/support/browser.ts'
import { formOf } from '../../test/support/files.ts'
import { openPage, postForm } from '../../test/support/form-client.ts'
import { SHIPMENT, SHIPMENT_TEXTS } from '../../test/support/form-attacks.ts'
import { order, shipment } from '../../test/support/forms.ts'
import { form, number, text } from './index.ts'
import { readForm } from './read.ts'
import type { Source } from './sent.ts'
import { viewOf } from './view.ts'

const { fields } = order
const reading = { fields, schema: undefined, messages: undefined }
const setting = { csrf: undefined, once: undefined, seal: (_field: string, value: string) => value }
const names = [...Object.keys(fields), '__proto__', 'constructor', 'role', '_csrf', '', 'title[]', 'title[$ne]']

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    'on',
    'small',
    'red',
    '2',
    '-0',
    '1e3',
    '2026-02-30',
    'a@b.c',
    'https://x.y',
    '\u202e',
    '<script>',
    '\0',
    '\ud800',
  ),
)
const anything = fc.oneof(odd, fc.jsonValue(), fc.constantFrom(undefined, Number.NaN, {}, [], [[]], { $ne: 1 }))

describe('nonsense', () => {
  it('is read to the end, whatever it is: values are of the kinds of their fields, and errors name fields alone', async () => {
    const known = new Set(['', ...Object.keys(fields)])
    const valid = new Ajv2020({ strict: false, formats: { email: true, uri: true, date: true } }).compile(order.jsonSchema())
    const good = { title: 'a', count: '2', size: 'small', agreed: 'on' }
    const texts = fc.dictionary(fc.constantFrom(...names), fc.oneof(odd, fc.array(odd, { maxLength: 5 })))
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(texts, async (sent) => {
        const read = await readForm(reading, { as: 'texts', fields: { ...good, ...sent } })
        // It can be shown again, and is markup of ours alone.
        const page = viewOf({ fields, messages: undefined }, { sent: { ...read, typed: read.typed() } }, setting).html.toString()
        assert.doesNotMatch(page, /<script/)
        if (!read.ok)
          return assert.ok(
            read.errors.length > 0 && read.errors.every(({ field, message }) => known.has(field) && message !== ''),
          )
        accepted++
        const given = Object.entries(read.value as object).filter(([, value]) => value !== undefined && value !== '')
        assert.ok(valid(Object.fromEntries(given)), JSON.stringify(valid.errors))
      }),
      { numRuns: 1500 },
    )
    assert.ok(accepted > 10, `${accepted} were accepted`)
  })

  it('in JSON is accepted exactly when the description says so', async () => {
    const { fields: own, jsonSchema } = form('small', {
      name: text({ label: 'Name', max: 5 }),
      count: number({ label: 'Count', min: 0, required: false }),
    })
    const valid = new Ajv2020({ strict: false }).compile(jsonSchema())
    const bodies = fc.oneof(
      anything,
      fc.dictionary(fc.constantFrom('name', 'count', 'role'), fc.oneof(anything, fc.integer(), fc.constantFrom('a', 'abcdef')), {
        noNullPrototype: true,
      }),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (value) => {
        const read = await readForm({ fields: own, schema: undefined, messages: undefined }, { as: 'json', value })
        // The description knows no marks, no control characters and no spaces: it may let more in, never less.
        if (read.ok) assert.ok(valid(value), JSON.stringify(value))
      }),
      { numRuns: 1500 },
    )
  })

  it('inside of objects and lists is read to the end, from names and from JSON, and errors name fields alone', async () => {
    const nested = { fields: shipment.fields, schema: undefined, messages: undefined }
    const valid = new Ajv2020({ strict: false, formats: { email: true } }).compile(shipment.jsonSchema())
    const known =
      /^(?:|to|mail|pickupPassword|speed|gift|address(?:\.(?:street|city|country))?|lines(?:\[\d+\](?:\.(?:what|amount))?)?)$/
    const line = fc.oneof(
      anything,
      fc.constantFrom(...SHIPMENT.lines, { what: 'a', amount: 100 }, { what: 'a', amount: 1, role: 1 }),
    )
    const bodies = fc.record({
      ...{ to: fc.constant('Mira'), mail: fc.constant('a@b.c'), speed: fc.constant('slow'), gift: fc.constant(true) },
      address: fc.oneof(anything, fc.constant(SHIPMENT.address)),
      lines: fc.oneof(anything, fc.array(line, { maxLength: 12 })),
    })
    const places = [...Object.keys(SHIPMENT_TEXTS), 'address', 'address.', 'address.role', 'address[0].city', 'lines[9].what']
    const more = [
      'lines[10].what',
      'lines[9999].amount',
      'lines[0]',
      'lines[0].__proto__.x',
      'lines.what',
      '.',
      '[0].x',
      '__proto__.x',
    ]
    const texts = fc.dictionary(fc.constantFrom(...places, ...more), fc.oneof(odd, fc.array(odd, { maxLength: 3 })))
    let accepted = 0
    const isSound = async (source: Source) => {
      const read = await readForm(nested, source)
      const page = viewOf(nested, { sent: { ...read, typed: read.typed() } }, setting).html.toString()
      assert.doesNotMatch(page, /<script/)
      if (!read.ok)
        return assert.ok(
          read.errors.every(({ field }) => known.test(field)),
          JSON.stringify(read.errors),
        )
      accepted++
      // What was left out of a page is undefined here: JSON has no word for it.
      assert.ok(valid(JSON.parse(JSON.stringify(read.value))), JSON.stringify(valid.errors))
    }
    await fc.assert(
      fc.asyncProperty(bodies, (value) => isSound({ as: 'json', value })),
      { numRuns: 1000 },
    )
    const fields = texts.map((sent) => ({ as: 'texts', fields: { ...SHIPMENT_TEXTS, ...sent } }) as const)
    await fc.assert(fc.asyncProperty(fields, isSound), { numRuns: 1000 })
    assert.ok(accepted > 10, `${accepted} were accepted`)
  })

  for (const adapter of ADAPTERS) {
    it(`is answered, and breaks nothing under ${adapter}`, async () => {
      await using app = await startApp({ adapter })
      const { cookie } = await openPage(app, '/payment')
      const bodies: readonly (readonly [string, string | Buffer])[] = [
        ...['', '&&&', '=', 'title', '%', 'title=%zz', 'a'.repeat(200_000), '_once=x&_steps=y&_back=1'].map(
          (body) => [FORM, body] as const,
        ),
        ...['null', '[]', '"x"', '1', '{}', '{"title":{"a":1}}', '{', '[[[[[]]]]]'].map(
          (body) => ['application/json', body] as const,
        ),
        ...['', '--x--', '--x\r\n\r\n', 'x'].map((body) => ['multipart/form-data; boundary=x', body] as const),
        ...([
          ['text/plain', 'title=x'],
          ['application/xml', '<a/>'],
          ['multipart/form-data', 'x'],
          ['multipart/mixed; boundary=x', '--x--'],
        ] as const),
      ]
      for (const path of ['/order', '/api/order', '/payment', '/booking', '/picture', '/album', '/shipment', '/api/shipment'])
        for (const [type, body] of bodies) {
          const { status } = await app.fetch(path, { method: 'POST', headers: { 'content-type': type, cookie }, body })
          assert.ok(status >= 400 && status < 500, `${path} ${type} ${String(body).slice(0, 20)}: ${status}`)
        }
      assert.deepEqual([app.faults, app.state.forms.accepted], [[], []])
    })
  }

  it('stands in the log without its content', async () => {
    await using app = await startApp()
    const secret = 'my-secret-words'
    await postForm(app, '/order', { title: secret.repeat(5), [secret]: secret, secret, count: secret })
    await app.fetch('/order', { method: 'POST', ...formOf([{ name: secret, bytes: secret }]) })
    await app.fetch(`/search?${secret}=${secret}`)
    const refused = app.events.filter(({ type }) => type === 'input_validation_fail')
    assert.deepEqual(
      refused.map(({ data }) => data?.['form']),
      ['order', 'order', 'search'],
    )
    assert.deepEqual(refused[0]!.data?.['codes'], ['unknown-fields', 'too-long', 'number', 'required'])
    // The path of a request is without its query, so nothing of it can be in an event.
    assert.doesNotMatch(JSON.stringify(app.events), new RegExp(secret))
  })
})
