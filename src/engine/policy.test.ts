import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Principal } from './facts.ts'
import { CLOSED, compileRequirement, compileRoutes, permits } from './policy.ts'

const NOW = Date.parse('2026-01-01')
const ada: Principal = {
  id: '1',
  login: 'ada',
  name: 'Ada',
  roles: ['editor'],
  permissions: new Set(['notes:*', 'users:read']),
  amr: ['pwd'],
  aal: 1,
  provedAt: NOW,
}

describe('the table of routes', () => {
  it('opens by exact method and path, and nothing else', () => {
    const find = compileRoutes(['/', 'POST /search'], [], NOW)
    assert.equal(find('GET', '/').public, true)
    assert.equal(find('HEAD', '/').public, true)
    assert.equal(find('POST', '/'), CLOSED)
    assert.equal(find('POST', '/search').public, true)
    for (const path of ['/search/', '/SEARCH', '/search/x', '//search']) assert.equal(find('POST', path), CLOSED)
  })

  it('refuses lines that could mean more than one path', () => {
    for (const path of ['search', '/a/*', '/a/:id', '/a?b=1', '//a', '/a/../b', '/a/./b', '/{x}', 'get /a', '']) {
      assert.throws(() => compileRoutes([path], [], NOW), { code: 'HF_OPTION_INVALID' }, path)
    }
  })

  it('refuses a route that stands twice, an unknown key, and an exemption without a reason', () => {
    assert.throws(() => compileRoutes(['/'], [{ path: '/', body: 'raw' }], NOW), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => compileRoutes([], [{ path: '/', publik: true } as never], NOW), { message: /Did you mean "public"/ })
    const insecureWithoutCsrf = { reason: 'signed by the sender', until: '2025-01-01' }
    assert.throws(() => compileRoutes([], [{ path: 'POST /hook', insecureWithoutCsrf }], NOW), { code: 'HF_OPTION_INSECURE' })
  })
})

describe('a requirement', () => {
  const code = (requirement: Parameters<typeof compileRequirement>[0], principal: Principal | null = ada, now = NOW) =>
    compileRequirement(requirement)(principal, now)?.denial?.code

  it('asks for a sign-in first', () => assert.equal(code({}, null), 'sign-in-required'))

  it('holds only when all that it names holds', () => {
    assert.equal(code({}), undefined)
    assert.equal(code({ role: 'editor', permission: 'notes:write', aal: 1, within: '5m' }), undefined)
    assert.equal(code({ role: 'admin' }), 'not-permitted')
    assert.equal(code({ role: 'editor', permission: 'users:write' }), 'not-permitted')
    assert.equal(code({ aal: 2 }), 'stronger-proof-required')
    assert.equal(code({ within: '5m' }, ada, NOW + 300_000), undefined)
    assert.equal(code({ within: '5m' }, ada, NOW + 300_001), 'recent-proof-required')
  })

  it('is held by no API key where it asks for a strong or a recent proof, whatever the key says of itself', () => {
    const program = { ...ada, aal: 2, provedAt: NOW, apiKey: 'k1' }
    for (const requirement of [{ aal: 2 }, { within: '5m' }] as const) {
      assert.equal(code(requirement, { ...ada, aal: 2, provedAt: NOW }), undefined)
      assert.equal(code(requirement, program), 'interactive-required')
    }
    assert.equal(code({ role: 'editor', permission: 'notes:write', aal: 1 }, program), undefined)
    assert.equal(code({ role: 'admin', aal: 2 }, program), 'not-permitted')
  })

  it('tells an app how to ask its user, who cannot be sent to a page', () => {
    const app = { ...ada, app: 'a1' }
    const head = (requirement: Parameters<typeof compileRequirement>[0], now = NOW) =>
      compileRequirement(requirement)(app, now)?.head?.['www-authenticate']
    assert.equal(code({ role: 'editor', permission: 'notes:write', aal: 1, within: '5m' }, app), undefined)
    assert.equal(code({ role: 'admin', aal: 2 }, app), 'not-permitted')
    assert.equal(code({ aal: 2 }, app), 'insufficient-user-authentication')
    assert.equal(head({ aal: 2 }), 'Bearer error="insufficient_user_authentication", acr_values="aal2"')
    assert.equal(head({ within: '5m' }, NOW + 300_001), 'Bearer error="insufficient_user_authentication", max_age="300"')
    assert.equal(code({ aal: 2, within: '5m' }, { ...app, aal: 2 }), undefined)
  })

  it('is refused at start-up when it is misspelt or makes no sense', () => {
    assert.throws(() => compileRequirement({ rolle: 'admin' } as never), { message: /Did you mean "role"/ })
    assert.throws(() => compileRequirement({ within: 'soon' as never }), { code: 'HF_OPTION_INVALID' })
  })

  it('reads a group of permissions as its members only', () => {
    assert.equal(permits(new Set(['notes:*']), 'notes:write'), true)
    assert.equal(permits(new Set(['notes:*']), 'notesx:write'), false)
    assert.equal(permits(new Set(['notes:read']), 'notes:*'), false)
    assert.equal(permits(new Set(['*']), 'anything:at-all'), true)
  })
})
