import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeInbound, type FakeRequest } from '../../test/support/exchange.ts'
import type { Site } from '../engine/control.ts'
import { Nonce, Principal, RequestId } from '../engine/facts.ts'
import { Passage } from '../engine/passage.ts'
import { answer, deny, page, seeOther, type Reply } from '../engine/reply.ts'
import { createRefusal, type RefusalPaths } from './refusal.ts'

const site: Site = { origin: 'https://app.example', hostname: 'app.example', port: undefined, secure: true, local: false }
const signIn: RefusalPaths = {
  path: '/login',
  againPath: '/login/again',
  factorPath: '/login/factor',
  addressPath: '/account/address',
  factorsPath: '/account/factors',
  signOutPath: '/logout',
  sessionsPath: '/account/sessions',
  brand: 'Acme',
}
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

interface Given extends FakeRequest {
  readonly accept?: string
  readonly search?: string
  readonly login?: string
  /** Whether the controls that give the nonce and the request id have run. @default true */
  readonly dressed?: boolean
  readonly paths?: RefusalPaths | undefined
}

function render(reply: Reply, given: Given = {}) {
  const { accept, search = '', login, dressed = true, target = '/admin' } = given
  const x = new Passage(fakeInbound({ ...given, headers: { accept } }), 0)
  x.path = target
  x.search = search
  if (dressed) {
    x.set(RequestId, 'request-1')
    x.set(Nonce, () => 'bm9uY2U')
  }
  if (login !== undefined) x.set(Principal, { id: 'u1', login } as Principal)
  return createRefusal({ site, signIn: 'paths' in given ? given.paths : signIn })(x, reply)
}

const inBrowser = (reply: Reply, given: Given = {}) => render(reply, { accept: BROWSER, ...given })

describe('refusal', () => {
  it('lets plain replies pass as they are', () => {
    assert.deepEqual(render(answer(200, { 'content-type': 'text/plain' }, 'ok')), {
      ...{ status: 200, head: { 'content-type': 'text/plain' }, body: 'ok', close: false },
    })
    assert.deepEqual(inBrowser(seeOther('/x')), { status: 303, head: { location: '/x' }, body: '', close: false })
    assert.equal(inBrowser(page('<p>', 401)).body, '<p>')
  })

  it('leads people to where they verify their address, and back to nothing that was sent', () => {
    const refusal = deny(403, 'address-not-verified')
    const { status, head } = inBrowser(refusal)
    assert.equal(status, 303)
    assert.match(head['location']!, /^\/account\/address(?:\?next=|$)/)
    assert.match(inBrowser(refusal, { method: 'POST' }).body, /<a [^>]*href="\/account\/address"[^>]*>Confirm it<\/a>/)
    assert.equal(JSON.parse(render(refusal).body).code, 'address-not-verified')
  })

  it('sends no body where there can be none', () => {
    for (const status of [204, 304]) assert.equal(render({ status, body: 'x' }).body, '')
  })

  it('answers programs with problem details that hold the public code and the request id only', () => {
    for (const accept of [undefined, '*/*', 'application/json', 'x'.repeat(100_000)]) {
      const { status, head, body, close } = render(deny(403, 'csrf-refused', { reason: 'cross-site', close: true }), {
        ...(accept && { accept }),
      })
      assert.equal(status, 403)
      assert.equal(close, true)
      assert.equal(head['content-type'], 'application/problem+json')
      assert.equal(head['cache-control'], 'no-store')
      assert.deepEqual(JSON.parse(body), {
        type: 'about:blank',
        title: 'Forbidden',
        status: 403,
        code: 'csrf-refused',
        instance: 'request-1',
      })
    }
  })

  it('answers people with a page that holds the request id and no reason', () => {
    const { status, head, body } = inBrowser(deny(500, 'internal-error', { reason: 'secret of the inside' }))
    assert.equal(status, 500)
    assert.equal(head['content-type'], 'text/html; charset=utf-8')
    assert.match(body, /request-1/)
    assert.match(body, /<style nonce="bm9uY2U">/)
    assert.match(body, /Acme/)
    assert.doesNotMatch(body, /secret of the inside|internal-error/)
  })

  it('renders before the controls that give nonce and request id, too', () => {
    assert.match(inBrowser(deny(400, 'duplicate-header'), { dressed: false, target: '' }).body, /This request was not understood/)
    const { body } = render(deny(400, 'duplicate-header'), { dressed: false, target: '' })
    assert.deepEqual(JSON.parse(body), { type: 'about:blank', title: 'Bad Request', status: 400, code: 'duplicate-header' })
  })

  it('sends a browser that navigates to sign in, and back to where it wanted to go', () => {
    const { status, head, body } = inBrowser(deny(401, 'sign-in-required'), { search: '?a=1&b=%20' })
    assert.deepEqual([status, body], [303, ''])
    assert.equal(head['location'], '/login?next=%2Fadmin%3Fa%3D1%26b%3D%2520')
    assert.equal(head['cache-control'], 'no-store')
    assert.equal(inBrowser(deny(401, 'sign-in-required'), { target: '/' }).head['location'], '/login')
    assert.equal(inBrowser(deny(401, 'recent-proof-required')).head['location'], '/login/again?next=%2Fadmin')
  })

  it('leads back to nowhere but a short path of ours', () => {
    for (const target of ['//evil.example', '/\\evil.example', 'https://evil.example', '', `/${'x'.repeat(2000)}`]) {
      assert.equal(inBrowser(deny(401, 'sign-in-required'), { target }).head['location'], '/login', target)
    }
  })

  it('redirects neither a form, nor a program, nor a WebSocket, nor without a place to sign in (A99)', () => {
    const denial = deny(401, 'sign-in-required')
    const form = inBrowser(denial, { method: 'POST' })
    assert.equal(form.status, 401)
    assert.match(form.body, /href="\/login"/)
    assert.equal(form.head['www-authenticate'], 'Session')
    assert.equal(render(denial).status, 401)
    assert.equal(inBrowser(denial, { upgrade: true }).status, 401)
    assert.equal(inBrowser(denial, { paths: undefined }).status, 401)
  })

  it('tells a signed-in user without the right how to become another, and no role', () => {
    const { status, body } = inBrowser(deny(403, 'not-permitted', { reason: 'role admin' }), { login: '<b>ada' })
    assert.equal(status, 403)
    assert.match(body, /&lt;b&gt;ada/)
    assert.match(body, /href="\/logout"/)
    assert.doesNotMatch(body, /role admin/)
  })

  it('hands on what the refusal says in its head, and says it to people in words', () => {
    const limited = deny(429, 'rate-limited', { head: { 'retry-after': '30' } })
    assert.equal(render(limited).head['retry-after'], '30')
    assert.match(inBrowser(limited).body, /Try again in 30 seconds/)
    assert.equal(render(deny(405, 'method-not-allowed', { head: { allow: 'GET' } })).head['allow'], 'GET')
  })
})
