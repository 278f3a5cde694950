import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type FakeRequest, type Surroundings } from '../../../test/support/exchange.ts'
import { slot } from '../../engine/exchange.ts'
import { Encrypted, Nonce, Principal } from '../../engine/facts.ts'
import { client } from '../client/client.ts'
import { headers, type HeadersOptions } from './headers.ts'

const WHY = { reason: 'an old page builder', until: '2026-06-30' }
const list = [client, headers]
const app = (options: HeadersOptions = {}, surroundings: Surroundings = {}) =>
  startControls(list, { headers: options }, surroundings)
const head = async (options: HeadersOptions = {}, request: FakeRequest = {}) => (await app(options).run(request)).head
const csp = async (options: HeadersOptions = {}) => (await head(options)).get('content-security-policy') ?? ''
const member = { id: 'u1', login: 'a', name: 'A', roles: [], permissions: new Set<string>(), amr: ['pwd'], aal: 1, provedAt: 0 }

const frames = async (...ancestors: string[]) => (await head({ csp: { 'frame-ancestors': ancestors } })).get('x-frame-options')

describe('headers', () => {
  it('says the whole list on an answer', async () => {
    const all = Object.fromEntries(await head())
    const { 'permissions-policy': permissions, ...rest } = all
    assert.deepEqual(rest, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'origin-agent-cluster': '?1',
      'x-permitted-cross-domain-policies': 'none',
      'x-xss-protection': '0',
      server: null,
      'x-powered-by': null,
      'x-frame-options': 'DENY',
      'reporting-endpoints': 'holdfast="/_holdfast/reports"',
      'content-security-policy-report-only':
        "require-trusted-types-for 'script'; report-to holdfast; report-uri /_holdfast/reports",
      'strict-transport-security': 'max-age=31536000',
      'content-security-policy':
        "default-src 'self'; script-src 'none'; script-src-attr 'none'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
        'upgrade-insecure-requests; report-to holdfast; report-uri /_holdfast/reports',
    })
    assert.equal(permissions?.split(', ').length, 20)
    assert.match(permissions, /camera=\(\).*geolocation=\(\)/)
  })

  it('says it on refusals as well', async () => {
    const refusing = {
      name: 'refusing',
      options: () => ({}),
      start: () => ({ enter: () => ({ status: 403, denial: { code: 'no' } }) }),
    }
    const { head: given } = await startControls([...list, refusing]).run()
    assert.ok(given.get('content-security-policy')?.includes("object-src 'none'"))
    assert.equal(given.get('x-content-type-options'), 'nosniff')
  })

  it('lets a later control put its own value in place', async () => {
    const own = {
      name: 'own',
      options: () => ({}),
      start: () => ({
        enter: (x: { head: Map<string, string | null> }) =>
          void x.head.set('content-security-policy', "default-src 'none'").set('referrer-policy', 'no-referrer'),
      }),
    }
    const { head: given } = await startControls([...list, own as never]).run()
    assert.equal(given.get('content-security-policy'), "default-src 'none'")
    assert.equal(given.get('referrer-policy'), 'no-referrer')
  })
})

describe('headers, the nonce', () => {
  it('is made when asked for, once a response, and stands in the policy', async () => {
    const running = app()
    const seen = new Set<string>()
    for (let index = 0; index < 20; index++) {
      let nonce = ''
      const { head: given } = await running.run({}, (x) => {
        nonce = x.need(Nonce)()
        assert.equal(x.need(Nonce)(), nonce)
      })
      assert.match(nonce, /^[\w-]{22}$/)
      assert.ok(given.get('content-security-policy')?.includes(`script-src 'nonce-${nonce}' 'strict-dynamic'`))
      assert.ok(given.get('content-security-policy')?.includes(`style-src 'self' 'nonce-${nonce}'`))
      seen.add(nonce)
    }
    assert.equal(seen.size, 20)
  })

  it('keeps the response out of caches', async () => {
    const { head: given } = await app().run({}, (x) => void x.need(Nonce)())
    assert.equal(given.get('cache-control'), 'no-store')
  })

  it('still exists when the control is off', async () => {
    const { head: given } = await startControls(list, { headers: false }).run({}, (x) =>
      assert.match(x.need(Nonce)(), /^[\w-]{22}$/),
    )
    assert.equal(given.size, 0)
  })
})

describe('headers, caching', () => {
  it('stores nothing where somebody is signed in or a cookie is set (A104)', async () => {
    assert.equal((await app().run({}, (x) => x.set(Principal, member))).head.get('cache-control'), 'no-store')
    assert.equal((await app().run({}, (x) => void x.cookies.push('a=b'))).head.get('cache-control'), 'no-store')
  })

  it('leaves the caching of public answers to the application', async () => {
    assert.equal((await app().run({}, (x) => x.set(Principal, null))).head.has('cache-control'), false)
    assert.equal((await head()).has('cache-control'), false)
  })
})

describe('headers, transport security', () => {
  it('is sent on encrypted answers only (A51)', async () => {
    assert.equal((await head({}, { encrypted: false })).has('strict-transport-security'), false)
    assert.equal(
      (await head({}, { encrypted: false, headers: { 'x-forwarded-proto': 'https' } })).has('strict-transport-security'),
      false,
    )
    assert.equal((await app({}, { origin: 'http://localhost:3000' }).run()).head.has('strict-transport-security'), false)
  })

  it('asks for https links only where the origin is https', async () => {
    const { head: given } = await app({}, { origin: 'http://localhost:3000' }).run()
    assert.ok(!given.get('content-security-policy')?.includes('upgrade-insecure-requests'))
  })

  it('climbs the ramp: five minutes, a week, the whole time', async () => {
    const running = app({ hsts: { ramp: '2026-01-01', includeSubDomains: true, preload: true } })
    const at = async (day: number) => {
      running.clock.now = Date.UTC(2026, 0, 1) + day * 86_400_000
      return (await running.run()).head.get('strict-transport-security')
    }
    assert.equal(await at(-1), 'max-age=300; includeSubDomains')
    assert.equal(await at(6.9), 'max-age=300; includeSubDomains')
    assert.equal(await at(7), 'max-age=604800; includeSubDomains')
    assert.equal(await at(30), 'max-age=31536000; includeSubDomains; preload')
  })

  it('keeps the rules of the preload list', () => {
    assert.throws(() => app({ hsts: { preload: true } }), /HF_OPTION_INVALID.*includeSubDomains/)
    assert.throws(() => app({ hsts: { preload: true, includeSubDomains: true, maxAge: '180d' } }), /HF_OPTION_INVALID/)
    assert.throws(() => app({ hsts: { ramp: 'yesterday' } }), /HF_OPTION_INVALID/)
  })
})

describe('headers, content policy', () => {
  it('adds sources to the strict lists', async () => {
    const policy = await csp({
      csp: { 'img-src': ['data:'], 'connect-src': ['https://api.example'], 'frame-ancestors': ["'self'"] },
    })
    assert.match(policy, /img-src 'self' data:/)
    assert.match(policy, /connect-src 'self' https:\/\/api\.example/)
    assert.match(policy, /frame-ancestors 'self';/)
  })

  it('keeps hashes where no nonce is used', async () => {
    const hash = `'sha256-${'A'.repeat(43)}='`
    assert.match(await csp({ csp: { 'script-src': [hash] } }), /script-src 'strict-dynamic' 'sha256-A{43}='/)
  })

  it('keeps X-Frame-Options in step with frame-ancestors', async () => {
    assert.equal(await frames("'none'"), 'DENY')
    assert.equal(await frames("'self'"), 'SAMEORIGIN')
    assert.equal(await frames('https://portal.example'), undefined)
  })

  it('throws for a value that would begin another directive (A103)', () => {
    for (const source of ["'self'; script-src *", 'https://a.example,script-src *', 'a\r\nb', 'ä', 'self'])
      assert.throws(() => app({ csp: { 'img-src': [source] } }), /HF_OPTION_INVALID/, source)
    assert.throws(() => app({ csp: { 'image-src': ["'self'"] } }), /HF_OPTION_INVALID/)
  })

  it('throws for what weakens it without a reason', () => {
    const weak: HeadersOptions['csp'][] = [
      { 'script-src': ["'unsafe-inline'"] },
      { 'script-src-attr': ["'unsafe-inline'"] },
      { 'style-src': ["'unsafe-inline'"] },
      { 'default-src': ['*'] },
      { 'default-src': ['https:'] },
      { 'object-src': ['data:'] },
      { 'base-uri': ['*'] },
      { 'frame-ancestors': ['https:'] },
      { 'form-action': ['*'] },
      { 'script-src': false },
      { 'frame-ancestors': false },
    ]
    for (const sources of weak) assert.throws(() => app({ csp: sources! }), /HF_OPTION_INSECURE/, JSON.stringify(sources))
  })

  it('throws for sources that browsers would ignore', () => {
    for (const source of ["'self'", 'https://cdn.example'])
      assert.throws(() => app({ csp: { 'script-src': [source] } }), /nonce on the script/)
  })

  it('replaces lists where a reason and a day are given, and says so', async () => {
    const options = { csp: { 'script-src': ["'self'", "'unsafe-inline'"] }, insecureCsp: WHY }
    assert.match(await csp(options), /script-src 'self' 'unsafe-inline';/)
    assert.deepEqual(
      app(options).findings.map(({ id }) => id),
      ['HF-HEADERS-1'],
    )
    assert.throws(() => app({ ...options, insecureCsp: { ...WHY, until: '2025-12-31' } }), /HF_OPTION_INSECURE.*has passed/)
    assert.throws(() => app({ ...options, insecureCsp: { reason: 'x', until: '2026-06-30' } }), /HF_OPTION_INSECURE/)
  })

  it('only reports where a reason and a day are given, and says so', async () => {
    const given = await head({ insecureReportOnly: WHY })
    assert.equal(given.has('content-security-policy'), false)
    assert.match(given.get('content-security-policy-report-only')!, /object-src 'none'/)
    assert.deepEqual(
      app({ insecureReportOnly: WHY }).findings.map(({ id }) => id),
      ['HF-HEADERS-2'],
    )
  })

  it('enforces Trusted Types when asked to', async () => {
    const given = await head({ trustedTypes: 'enforce', csp: { 'trusted-types': ['app'] } })
    assert.match(given.get('content-security-policy')!, /trusted-types app; .*require-trusted-types-for 'script'/)
    assert.equal(given.has('content-security-policy-report-only'), false)
  })
})

describe('headers, other options', () => {
  it('opens a feature to whom it is given', async () => {
    const given = await head({ permissionsPolicy: { camera: ['self'] } })
    assert.match(given.get('permissions-policy')!, /camera=\(self\)/)
    assert.match(given.get('permissions-policy')!, /microphone=\(\)/)
  })

  it('refuses values that are not one of those there are', () => {
    const wrong: object[] = [
      { referrerPolicy: 'unsafe-url' },
      { coop: 'unsafe-none' },
      { corp: 'none' },
      { coep: true },
      { trustedTypes: 'on' },
      { permissionsPolicy: { 'Camera;': [] } },
      { reporting: { path: 'reports' } },
      { reporting: { path: '//evil.example/' } },
      { reporting: { groupsPerMinute: 0 } },
      { frameguard: true },
    ]
    for (const options of wrong) assert.throws(() => app(options), /HF_OPTION_(INVALID|UNKNOWN)/, JSON.stringify(options))
  })

  it('advises against weak choices', () => {
    assert.deepEqual(
      app({ hsts: { maxAge: '1d' }, corp: 'cross-origin' }).findings.map(({ id }) => id),
      ['HF-HEADERS-3', 'HF-HEADERS-4'],
    )
    assert.deepEqual(app().findings, [])
  })

  it('sends no reports where there is no collector', async () => {
    const given = await head({ reporting: false })
    assert.equal(given.has('reporting-endpoints'), false)
    assert.equal(given.has('content-security-policy-report-only'), false)
    assert.ok(!given.get('content-security-policy')?.includes('report'))
  })

  it('needs to know whether the request is encrypted', () => {
    const lone = { ...headers, needs: [Encrypted, slot('x')] }
    assert.throws(() => startControls([lone]), /HF_CONTROL_ORDER/)
  })
})
