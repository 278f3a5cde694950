/** Pages whose parts come later, the nonce that is put in, and the answers they are sent in. */
import { strict as assert } from 'node:assert'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import {
  html as page,
  htmlAsync,
  htmlStream,
  insecureRawHtml,
  render,
  send,
  toResponse,
  toStream,
  type HtmlStream,
} from './html.ts'

const evil = '<script>alert(1)</script>'
const escaped = '&lt;script&gt;alert(1)&lt;/script&gt;'
const untyped = (value: any): any => value

async function read(stream: HtmlStream, nonce?: string): Promise<string> {
  return new Response(toStream(stream, { nonce })).text()
}

describe('render', () => {
  const inner = page`<style>p { color: red }</style>`
  const whole = page`<script src="/a.js"></script>${inner}<script nonce="own">1</script><p>${'\0'}</p>`

  it('puts the nonce into each script and style of the templates, and of them only', () => {
    const raw = insecureRawHtml(`<script\0>2</script>`, 'a constant of this test')
    const text = render(page`${whole}${evil}${raw}`, { nonce: 'a"b' })
    const expected = '<script nonce="a&quot;b" src="/a.js"></script><style nonce="a&quot;b">p { color: red }</style>'
    assert.equal(text, `${expected}<script nonce="own">1</script><p>\uFFFD</p>${escaped}<script\uFFFD>2</script>`)
  })

  it('leaves no trace of it without', () => {
    const text = '<script src="/a.js"></script><style>p { color: red }</style><script nonce="own">1</script><p>\uFFFD</p>'
    assert.equal(render(whole), text)
    assert.equal(String(whole), text)
    assert.throws(() => render(untyped('<p>')), TypeError)
  })

  it('takes no template with a NUL in it', () => {
    assert.throws(() => page`<p>\0</p>`, /NUL/)
  })
})

describe('htmlAsync', () => {
  it('waits for promises, in lists too, and escapes what comes', async () => {
    const later = async <T>(value: T): Promise<T> => value
    const made = await htmlAsync`<p title="${later(evil)}">${[later(page`<b>`), evil]}</p>`
    assert.equal(String(made), `<p title="${escaped}"><b>${escaped}</p>`)
    const nested = await htmlAsync`<p>${htmlStream`<i>${Promise.resolve(evil)}</i>`}</p>`
    assert.equal(String(nested), `<p><i>${escaped}</i></p>`)
  })

  it('fails when one fails, and refuses what html refuses', async () => {
    await assert.rejects(htmlAsync`<p>${Promise.reject(new Error('gone'))}</p>`, /gone/)
    await assert.rejects(htmlAsync`<p onclick="${'x'}">`, TypeError)
    await assert.rejects(htmlAsync`<p>${Promise.resolve(untyped({ piece: evil }))}</p>`, TypeError)
  })
})

describe('htmlStream', () => {
  it('sends what stands before a promise while it waits for it', async () => {
    const waited = Promise.withResolvers<string>()
    const reader = toStream(htmlStream`<h1>${'A&B'}</h1>${waited.promise}<p>`).getReader()
    const decoder = new TextDecoder()
    assert.equal(decoder.decode((await reader.read()).value), '<h1>A&amp;B</h1>')
    waited.resolve(evil)
    assert.equal(decoder.decode((await reader.read()).value), `${escaped}<p>`)
    assert.equal((await reader.read()).done, true)
  })

  it('takes lists and other streams where text stands, and escapes everything for its place', async () => {
    const inner = htmlStream`<script>a = ${Promise.resolve(evil)}</script>`
    const list = [Promise.resolve(page`<i>`), evil, [Promise.resolve(null)]]
    const text = await read(htmlStream`<p title="${Promise.resolve('"')}">${inner}${list}</p>`, 'n')
    const script = String.raw`<script nonce="n">a = "\u003cscript\u003ealert(1)\u003c/script\u003e"</script>`
    assert.equal(text, `<p title="&quot;">${script}<i>${escaped}</p>`)
    await assert.rejects(read(htmlStream`<p title="${htmlStream`x`}">`), /only where text stands/)
    await assert.rejects(read(htmlStream`<p>${Promise.resolve(untyped({ piece: evil }))}`), TypeError)
  })

  it('refuses to be read twice, instead of being an empty page the second time', async () => {
    const inner = htmlStream`<i>a</i>`
    assert.equal(await read(inner), '<i>a</i>')
    await assert.rejects(read(inner), /read once/)
    const twice = htmlStream`<b>`
    await assert.rejects(read(htmlStream`${twice}${twice}`), /read once/)
  })

  it('refuses lists and promises that never end, and lists as deep as somebody sends them', async () => {
    let deep: any = 'x'
    for (let depth = 0; depth < 20_000; depth++) deep = [deep]
    const circle: unknown[] = []
    circle.push(...Array.from({ length: 50 }, () => circle))
    const later: unknown[] = []
    later.push(Promise.resolve(later))
    for (const value of [deep, untyped(circle), untyped(later)]) {
      await assert.rejects(read(htmlStream`<p>${value}</p>`), /nested more than 16/)
      await assert.rejects(htmlAsync`<p>${value}</p>`, /nested more than 16/)
    }
  })

  it('ends with the error of a part, also of one that failed while an earlier one was waited for', async () => {
    const first = Promise.withResolvers<string>()
    const reading = read(htmlStream`<p>${first.promise}${Promise.reject(new Error('gone'))}</p>`)
    setImmediate(() => first.resolve('a'))
    await assert.rejects(reading, /gone/)
  })
})

describe('a page is sent by', () => {
  const whole = () => page`<script>1</script><p>${evil}</p>`
  const streamed = () => htmlStream`<script>1</script><p>${Promise.resolve(evil)}</p>`
  const broken = () => htmlStream`<p>${Promise.reject(new Error('gone'))}</p>`
  const options = { status: 201, nonce: 'n' }
  const expected = `<script nonce="n">1</script><p>${escaped}</p>`

  async function holds(listener: RequestListener): Promise<void> {
    const server = http.createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      for (const path of ['/whole', '/streamed']) {
        const answer = await fetch(origin + path)
        assert.equal(answer.status, 201)
        assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
        assert.equal(await answer.text(), expected)
      }
      // Half a page must not look like a whole one: the connection is cut, or nothing was begun.
      const begun = async () => (await fetch(`${origin}/broken`)).text()
      await assert.rejects(begun())
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  const pageOf = (path = '') => (path === '/whole' ? whole() : path === '/streamed' ? streamed() : broken())

  it('node:http', () => holds((request, response) => void send(response, pageOf(request.url), options)))

  it('Express', () => {
    const app = express()
    app.use((request, response) => void send(response, pageOf(request.path), options))
    return holds((request, response) => void app(request, response))
  })

  it('Fastify', async () => {
    const app = fastify()
    app.get('/*', (request, reply) => send(reply, pageOf(request.url), options))
    await app.ready()
    await holds((request, response) => app.routing(request, response))
    await app.close()
  })

  it('Hono', async () => {
    const app = new Hono()
    app.get('*', (context) => toResponse(pageOf(context.req.path), options))
    for (const path of ['/whole', '/streamed']) {
      const answer = await app.request(path)
      assert.equal(answer.status, 201)
      assert.equal(await answer.text(), expected)
    }
    await assert.rejects((await app.request('/broken')).text(), /gone/)
  })
})
