/** Forms of the test application: one with a field of each kind, one by a schema alone, one that is good once, one with a file; and routes without a form, for attacks. */
import { join } from 'node:path'
import * as v from 'valibot'
import * as f from '../../src/forms/index.ts'
import { layout } from '../../src/console/layout.ts'
import { html, insecureRawHtml, type SafeHtml } from '../../src/html/html.ts'
import type { Holdfast } from '../../src/index.ts'
import type { Answer, State, TestRoute } from './routes.ts'

export interface Forms {
  readonly picture: ReturnType<typeof pictureForm>
  readonly album: f.Steps<readonly [{ readonly album: string }, unknown]>
  /** What handlers were given to work with: the thing that attackers want to reach. */
  readonly accepted: unknown[]
}

/** One of each kind. */
export const order = f.form('order', {
  title: f.text({ label: 'Title', max: 20, messages: { required: 'Give it a title.' } }),
  notes: f.area({ label: 'Notes', max: 100, required: false, hint: 'If there is more to say.' }),
  mail: f.email({ label: 'Address', required: false }),
  page: f.url({ label: 'Page', required: false }),
  secret: f.password({ label: 'Password', required: false, autocomplete: 'new-password' }),
  count: f.number({ label: 'How many', min: 1, max: 10 }),
  price: f.number({ label: 'Price', min: 0, max: 1000, decimals: 2, required: false }),
  day: f.date({ label: 'Day', required: false, min: '2026-01-01' }),
  size: f.choice({ label: 'Size', choices: { small: 'Small', large: 'Large' }, as: 'radios' }),
  way: f.choice({ label: 'Way', choices: { post: 'By post', hand: 'By hand' }, required: false }),
  extras: f.choices({ label: 'Extras', choices: { red: 'Red', blue: 'Blue', green: 'Green' }, most: 2, required: false }),
  agreed: f.checkbox({ label: 'I agree', required: true }),
  tags: f.list(f.text({ label: 'Tags', max: 10, required: false }), { most: 3 }),
  back: f.hidden({ max: 50 }),
  slug: f.text({ label: 'Slug', required: false, schema: v.pipe(v.string(), v.regex(/^[a-z]*$/, 'Small letters only.')) }),
})

/** By a schema alone, with an object inside and a list of objects. */
export const shipment = f.form(
  'shipment',
  v.object({
    to: v.pipe(v.string(), v.maxLength(40), v.title('Who gets it')),
    mail: v.pipe(v.string(), v.email(), v.description('They get a letter when it leaves.')),
    pickupPassword: v.optional(v.pipe(v.string(), v.minLength(4))),
    address: v.object({
      street: v.optional(v.pipe(v.string(), v.maxLength(60))),
      city: v.pipe(v.string(), v.maxLength(60)),
      country: v.picklist(['de', 'dk']),
    }),
    speed: v.picklist(['slow', 'fast']),
    gift: v.boolean(),
    lines: v.pipe(
      v.array(
        v.object({
          what: v.pipe(v.string(), v.maxLength(40)),
          amount: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99)),
        }),
      ),
      v.minLength(1),
      v.maxLength(10),
    ),
  }),
  { fields: { 'address.country': { choices: { de: 'Germany', dk: 'Denmark' } }, speed: { as: 'radios' } } },
)

/** Good once, and with a value that only the server may set. */
export const payment = f.form('payment', { to: f.text({ label: 'To' }), amount: f.sealed() }, { once: '30m' })

/** Two pages, the second good once. */
export const booking = f.steps(
  'booking',
  [
    f.form('booking-who', { name: f.text({ label: 'Name', max: 40 }), guests: f.number({ label: 'Guests', min: 1, max: 6 }) }),
    f.form('booking-when', { day: f.date({ label: 'Day' }), notes: f.area({ label: 'Notes', required: false }) }, { once: true }),
  ],
  { within: '1h' },
)

export const search = f.form('search', {
  words: f.text({ label: 'Words', max: 50, required: false }),
  page: f.number({ label: 'Page', min: 1, max: 100, required: false }),
})

function pictureForm(folder: string) {
  return f.form(
    'picture',
    {
      title: f.text({ label: 'Title', max: 20 }),
      kinds: f.choices({ label: 'Kinds', choices: { bird: 'Bird', bee: 'Bee' }, required: false }),
      picture: f.file({ label: 'Picture', types: ['image/png'], maxSize: '100 KiB' }),
    },
    { files: { dir: join(folder, 'pictures'), webRoot: false } },
  )
}

export function openForms(folder: string): Forms {
  const picture = pictureForm(folder)
  const album = f.steps('album', [f.form('album-name', { album: f.text({ label: 'Album' }) }), picture])
  return { picture, album, accepted: [] }
}

const page = (body: SafeHtml, status = 200, nonce = 'none'): Answer => {
  const whole = layout({ title: 'A form', nonce, body: html`<h1>A form</h1>${body}` })
  return { status, type: 'text/html; charset=utf-8', body: whole.toString() }
}
const json = (value: unknown, status = 200): Answer => ({ status, type: 'application/json', body: JSON.stringify(value) })

async function take(holdfast: Holdfast, state: State, form: f.Form<any, any>, request: object): Promise<Answer> {
  const sent = await form.read(request)
  if (!sent.ok) {
    const values = form === payment ? { amount: '10' } : {}
    return page(form.view(request, { sent, values }).html, sent.status, holdfast.of(request).nonce)
  }
  state.forms.accepted.push(sent.value)
  await sent.done(`/done/${state.forms.accepted.length}`)
  return json(sent.value)
}

async function takeStep(state: State, of: f.Steps<any>, request: object): Promise<Answer> {
  const at = await of.read(request)
  if (!at.done) return page(at.view({}).html, at.status)
  state.forms.accepted.push(at.sent.value)
  await at.sent.done('/done/steps')
  return json(at.sent.value)
}

async function takeJson(state: State, form: f.Form<any, any>, request: object): Promise<Answer> {
  const sent = await form.json(request)
  if (!sent.ok) {
    const { status, headers, body } = sent.problem()
    return { status, type: headers['content-type']!, body, head: { 'cache-control': 'no-store' } }
  }
  state.forms.accepted.push(sent.value)
  return json(sent.value, 201)
}

/** What an application does that trusts what was sent. */
function trusting(holdfast: Holdfast, state: State, request: object): Answer {
  const body = (holdfast.of(request).body ?? {}) as Record<string, unknown>
  const user = Object.assign({ role: 'member' }, body)
  state.forms.accepted.push(user)
  return page(insecureRawHtml(String(user['title']).normalize('NFC'), 'the mistake that attacks need'))
}

/** What many body parsers did with names such as `address.city`: it walks wherever they lead. */
function expanding(holdfast: Holdfast, state: State, request: object): Answer {
  const made: Record<string, unknown> = {}
  for (const [name, value] of Object.entries((holdfast.of(request).body ?? {}) as Record<string, unknown>)) {
    const parts = name.split(/[.[\]]+/).filter((part) => part !== '')
    let at = made
    for (const part of parts.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>
    at[parts.at(-1)!] = value
  }
  const polluted = 'polluted' in {}
  delete (Object.prototype as unknown as Record<string, unknown>)['polluted']
  state.forms.accepted.push({ ...made, pollutes: polluted })
  return json({})
}

const reads = { readsBody: true } as const

export const formRoutes: readonly TestRoute[] = [
  {
    method: 'GET',
    path: '/order',
    handle: (holdfast, _s, request) => {
      const { html } = order.view(request, { values: { count: 2, size: 'large' } })
      return page(html, 200, holdfast.of(request).nonce)
    },
  },
  { method: 'POST', path: '/order', ...reads, handle: (holdfast, state, request) => take(holdfast, state, order, request) },
  { method: 'POST', path: '/api/order', ...reads, handle: (_h, state, request) => takeJson(state, order, request) },
  {
    method: 'GET',
    path: '/shipment',
    handle: (holdfast, _s, request) => page(shipment.view(request, {}).html, 200, holdfast.of(request).nonce),
  },
  { method: 'POST', path: '/shipment', ...reads, handle: (holdfast, state, request) => take(holdfast, state, shipment, request) },
  { method: 'POST', path: '/api/shipment', ...reads, handle: (_h, state, request) => takeJson(state, shipment, request) },
  {
    method: 'GET',
    path: '/payment',
    handle: (_h, _s, request) => page(payment.view(request, { values: { amount: '10' } }).html),
  },
  { method: 'POST', path: '/payment', ...reads, handle: (holdfast, state, request) => take(holdfast, state, payment, request) },
  { method: 'GET', path: '/picture', handle: (_h, { forms }, request) => page(forms.picture.view(request, {}).html) },
  {
    method: 'POST',
    path: '/picture',
    ...reads,
    handle: (holdfast, state, request) => take(holdfast, state, state.forms.picture, request),
  },
  { method: 'GET', path: '/booking', handle: (_h, _s, request) => page(booking.begin(request).view({}).html) },
  { method: 'POST', path: '/booking', ...reads, handle: (_h, state, request) => takeStep(state, booking, request) },
  { method: 'GET', path: '/album', handle: (_h, { forms }, request) => page(forms.album.begin(request).view({}).html) },
  { method: 'POST', path: '/album', ...reads, handle: (_h, state, request) => takeStep(state, state.forms.album, request) },
  {
    method: 'GET',
    path: '/search',
    handle: async (_h, _s, request) => {
      const sent = await search.query(request)
      return sent.ok ? json(sent.value) : page(search.view(request, { sent, method: 'get' }).html, sent.status)
    },
  },
  { method: 'POST', path: '/trusting', handle: (holdfast, state, request) => trusting(holdfast, state, request) },
  { method: 'POST', path: '/expanding', handle: (holdfast, state, request) => expanding(holdfast, state, request) },
]

export const formPaths = [
  ...['/order', 'POST /order', 'POST /api/order', '/payment', 'POST /payment', '/picture', '/search', 'POST /trusting'],
  ...['/booking', 'POST /booking', '/album', '/shipment', 'POST /shipment', 'POST /api/shipment', 'POST /expanding'],
]
