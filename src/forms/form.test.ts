import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import * as v from 'valibot'
import { node } from '../adapters/node.ts'
import { hiddenFields } from '../../test/support/form-client.ts'
import { PNG } from '../../test/support/files.ts'
import { startTesting, type Testing } from '../testing/index.ts'
import { area, checkbox, choice, file, form, number, sealed, text, type Form } from './index.ts'

/** An application of one handler: text is sent as a page, the rest as JSON. */
function serve(handle: (request: IncomingMessage) => unknown): Promise<Testing> {
  return startTesting(
    (holdfast) =>
      node(holdfast, async (request, response) => {
        const value: unknown = await handle(request)
        const page = typeof value === 'string'
        response.setHeader('content-type', page ? 'text/html; charset=utf-8' : 'application/json')
        response.end(page ? value : (JSON.stringify(value) ?? 'null'))
      }),
    { public: ['/', 'POST /'] },
  )
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-form-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

const read = (of: Form<any, any>) => async (request: IncomingMessage) => {
  const sent = await of.read(request)
  return sent.ok ? sent.value : { status: sent.status, errors: sent.errors }
}
const codes = (answer: { json(): unknown }) =>
  (answer.json() as { errors: { field: string; code: string }[] }).errors.map(({ field, code }) => `${field}:${code}`)

const note = form('note', { title: text({ label: 'Title', max: 10 }), done: checkbox({ label: 'Done' }) })

describe('a form', () => {
  it('shows what is there, and what was typed instead once something was', async () => {
    await using app = await serve(async (request) => {
      const values = { title: 'Before', done: true }
      if (request.method === 'GET') return note.view(request, { values }).html.toString()
      return note.view(request, { values, sent: await note.read(request) }).html.toString()
    })
    const { text: before } = await app.visitor().get('/')
    assert.match(before, /value="Before"[^]*type="checkbox" value="on" checked/)
    assert.doesNotMatch(before, /role="alert"/)
    const { text: after } = await app.visitor().post('/', { form: { title: 'Much too long' } })
    assert.match(after, /value="Much too long"/)
    assert.doesNotMatch(after, / checked/, 'a box that was unticked stays so')
  })

  it('carries the token against cross-site request forgery for those who have a session, and nothing in an address', async () => {
    await using app = await serve((request) => {
      const method = request.url === '/?get' ? 'get' : 'post'
      return note.view(request, { method }).html.toString()
    })
    const mira = await app.signedIn()
    assert.deepEqual(Object.keys(hiddenFields((await mira.get('/')).text)), ['_csrf'])
    assert.deepEqual(hiddenFields((await mira.get('/?get')).text), {})
    const stranger = app.visitor()
    assert.deepEqual(hiddenFields((await stranger.get('/')).text), {})
    assert.equal(stranger.cookies.size, 0, 'no cookie for a form that needs none')
  })

  it('says what is wrong in other words and in another language', async () => {
    const german = {
      required: '„{label}“ fehlt.',
      'too-long': 'Höchstens {limit} Zeichen.',
      'word-problems': 'Da stimmt etwas nicht',
      'word-error': 'Fehler:',
    }
    const own = form(
      'notiz',
      { title: text({ label: 'Titel', max: 5 }), text: area({ label: 'Text', messages: { required: 'Schreib etwas.' } }) },
      { messages: german },
    )
    await using app = await serve(async (request) => own.view(request, { sent: await own.read(request) }).html.toString())
    const { text: page } = await app.visitor().post('/', { form: { title: 'zu lang' } })
    assert.match(page, /Da stimmt etwas nicht[^]*Höchstens 5 Zeichen\.[^]*Schreib etwas\.[^]*Fehler: /)
    assert.doesNotMatch(page, /problem|Fill in/)
  })

  it('takes JSON alone where a program is meant', async () => {
    await using app = await serve(async (request) => {
      const sent = await note.json(request)
      return sent.ok ? sent.value : { status: sent.status, errors: sent.errors }
    })
    const visitor = app.visitor()
    assert.deepEqual((await visitor.post('/', { json: { title: 'a' } })).json(), { title: 'a', done: false })
    assert.deepEqual(codes(await visitor.post('/', { form: { title: 'a' } })), [':content-type'])
    assert.deepEqual(codes(await visitor.post('/', {})), [':content-type'])
    assert.deepEqual(codes(await visitor.post('/', { json: ['a'] })), [':not-an-object'])
    assert.deepEqual(codes(await visitor.post('/', { json: { title: 'a', owner: 1 } })), [':unknown-fields'])
  })

  it('reads what a router found in the path, and what is behind the question mark', async () => {
    const place = form('place', {
      id: number({ label: 'Number', min: 1 }),
      part: choice({ label: 'Part', choices: { a: 'A', b: 'B' }, required: false }),
    })
    await using app = await serve(async (request) => {
      const query = await place.query(request, { others: request.url!.includes('utm') })
      const params = await place.params(request, { id: '7', part: undefined })
      const other = await place.params(request, { id: '7', owner: 'x' })
      return [query.ok && query.value, params.ok && params.value, other.ok]
    })
    const ask = async (query: string) => (await app.visitor().get(`/${query}`)).json()
    assert.deepEqual(await ask('?id=3&part=b'), [{ id: 3, part: 'b' }, { id: 7 }, false])
    assert.deepEqual(await ask('?id=3&utm_source=x'), [{ id: 3 }, { id: 7 }, false])
    for (const query of ['?id=3&x=1', '?id=3&id=4', '?id=%FF', '?id[]=3', '?id=3;part=a'])
      assert.deepEqual(((await ask(query)) as unknown[])[0], false, query)
  })

  it('by a schema alone reads path and query the same way, and says what is wrong in a group', async () => {
    const range = v.optional(v.object({ from: v.pipe(v.string(), v.isoDate()), to: v.pipe(v.string(), v.isoDate()) }))
    const search = form('search', v.object({ words: v.optional(v.string(), 'all'), page: v.optional(v.number()), range }))
    const place = form(
      'place',
      v.object({
        id: v.pipe(
          v.number(),
          v.integer(),
          v.transform((id) => `#${id}`),
        ),
      }),
    )
    await using app = await serve(async (request) => {
      const query = await search.query(request)
      const params = await place.params(request, { id: '7' })
      return [query.ok ? query.value : query.errors.map(({ field, code }) => `${field}:${code}`), params.ok && params.value]
    })
    const ask = async (query: string) => ((await app.visitor().get(`/${query}`)).json() as unknown[])[0]
    assert.deepEqual(await ask('?page=2'), { words: 'all', page: 2 })
    assert.deepEqual(await ask('?words=&range.from=2026-01-01&range.to=2026-01-02'), {
      words: 'all',
      range: { from: '2026-01-01', to: '2026-01-02' },
    })
    assert.deepEqual(await ask('?range.from=2026-01-01&page=0x3&range.role=x'), [
      'page:number',
      'range:unknown-fields',
      'range.to:required',
    ])
    assert.deepEqual(((await app.visitor().get('/')).json() as unknown[])[1], { id: '#7' })
  })

  it('goes on with what only the work could tell, and takes its files away again', async (t) => {
    const dir = folder(t)
    const own = form(
      'avatar',
      { name: text({ label: 'Name' }), picture: file({ label: 'Picture', types: ['image/png'], maxSize: '9 KiB' }) },
      { files: { dir, webRoot: false }, once: true },
    )
    let taken = true
    await using app = await serve(async (request) => {
      if (request.method === 'GET') return own.view(request, {}).html.toString()
      const sent = await own.read(request)
      if (!sent.ok) return { errors: sent.errors }
      if (!taken) return sent.value.picture.type
      const refused = await sent.wrong({ name: 'Somebody has it.', form: 'Try again.' }, 409)
      return own.view(request, { sent: refused }).html.toString()
    })
    const opened = await fetch(app.origin)
    const cookie = opened.headers.getSetCookie()[0]!.split(';')[0]!
    const { _once } = hiddenFields(await opened.text())
    const send = async () => {
      const body = new FormData()
      body.set('_once', _once!)
      body.set('name', 'Mira')
      body.set('picture', new Blob([PNG], { type: 'image/png' }), 'a.png')
      return (await fetch(app.origin, { method: 'POST', body, headers: { cookie, origin: app.origin } })).text()
    }
    const page = await send()
    assert.match(page, /href="#name">Somebody has it\.<[^]*<li>Try again\.<\/li>[^]*value="Mira"/)
    assert.deepEqual(readdirSync(dir), ['.held'])
    taken = false
    assert.equal(await send(), 'image/png', 'the same page may be sent again')
    assert.equal(readdirSync(dir).length, 2)
    assert.match(await send(), /sent-already/)
    assert.equal(readdirSync(dir).length, 2, 'nothing is kept of what is not done')
  })

  it('keeps no file when its schema breaks, and says that as a fault', async (t) => {
    const dir = folder(t)
    const breaks = v.pipeAsync(
      v.any(),
      v.checkAsync(async () => Promise.reject(new Error('The database is down.')), ''),
    )
    const own = form(
      'fault',
      { picture: file({ label: 'Picture', types: ['image/png'], maxSize: '9 KiB' }) },
      { files: { dir, webRoot: false }, schema: breaks },
    )
    await using app = await serve(read(own))
    const body = new FormData()
    body.set('picture', new Blob([PNG], { type: 'image/png' }), 'a.png')
    assert.equal((await fetch(app.origin, { method: 'POST', body, headers: { origin: app.origin } })).status, 500)
    assert.equal(app.faults.length, 1)
    assert.deepEqual(readdirSync(dir), ['.held'])
  })

  it('makes a page that is never stored, where it is one visitor’s alone', async () => {
    const own = form('own', { price: sealed() })
    await using app = await serve((request) =>
      (request.url === '/?plain' ? note.view(request, {}) : own.view(request, { values: { price: '1' } })).html.toString(),
    )
    assert.equal((await app.visitor().get('/')).headers['cache-control'], 'no-store')
    assert.equal((await app.visitor().get('/')).headers['set-cookie']?.length, 1)
    assert.equal((await app.visitor().get('/?plain')).headers['set-cookie'], undefined)
  })

  it('reads its sealed values in JSON too, and believes no others', async () => {
    const own = form('price', { price: sealed() })
    await using app = await serve(async (request) => {
      if (request.method === 'GET') return own.view(request, { values: { price: '10.00 \u202e €' } }).html.toString()
      return read(own)(request)
    })
    const visitor = app.visitor()
    const { price } = hiddenFields((await visitor.get('/')).text)
    assert.deepEqual((await visitor.post('/', { json: { price } })).json(), { price: '10.00 \u202e €' })
    for (const json of [{ price: '1' }, { price: [price] }, { price: { toString: price } }, {}])
      assert.deepEqual(codes(await visitor.post('/', { json })), ['price:sealed'])
    assert.deepEqual(codes(await app.visitor().post('/', { form: { price: price! } })), ['price:sealed'], 'of another browser')
  })
})
