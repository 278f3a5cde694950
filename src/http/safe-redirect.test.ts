import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { safeRedirect } from './safe-redirect.ts'

const allow = ['https://shop.example', 'https://docs.example:8443']

/** Open redirects that were published, and what is near to them: Django, Devise, Clearance, Flask-Security-Too, Better Auth, WHATWG. */
const ELSEWHERE: readonly string[] = [
  // Another host, plainly and by the network path.
  ...[
    'https://evil.example',
    'http://evil.example/',
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/////evil.example',
  ],
  ...['//evil.example/%2f..', '//evil.example:443/', '//google.com@evil.example', '//self@evil.example', '/.//evil.example'],
  ...['/..//evil.example', '/a/..//evil.example', '/%2e%2e//evil.example', '/./%2e//evil.example', '/;//evil.example'],
  // Backslashes, which browsers read as slashes.
  ...['\\\\evil.example', '/\\evil.example', '\\/evil.example', '/\\/evil.example', 'https:\\\\evil.example', '\\evil.example'],
  ...['https://shop.example\\@evil.example', 'https://evil.example\\.shop.example', 'https:\\/evil.example'],
  // Characters that parsers throw away.
  ...['/\t/evil.example', '/\n/evil.example', '/\r/evil.example', '\t//evil.example', ' //evil.example', '\n//evil.example'],
  ...['\0//evil.example', '\x08//evil.example', '\x1fhttps://evil.example', 'ht\ntps://evil.example', '/\v/evil.example'],
  // Encoded once and twice.
  ...[
    '/%2fevil.example',
    '/%2f%2fevil.example',
    '/%5cevil.example',
    '/%5c%5cevil.example',
    '/%09/evil.example',
    '/%0a/evil.example',
  ],
  ...['%2f%2fevil.example', '/%252f%252fevil.example', '/%00//evil.example', '/%c0%af/evil.example', '%68ttps://evil.example'],
  // A scheme without its slashes, or with too many.
  ...['https:evil.example', 'https:/evil.example', 'https:///evil.example', 'http:///evil.example', 'https:////evil.example'],
  ...[
    'HTTPS://evil.example',
    'hTTps:evil.example',
    'https://',
    'https:',
    '://evil.example',
    ':evil.example',
    'https:shop.example',
  ],
  // Schemes that run, read or open something.
  ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'javascript://shop.example/%0aalert(1)'],
  ...['data:text/html,<script>alert(1)</script>', 'vbscript:msgbox(1)', 'file:///etc/passwd', 'blob:https://shop.example/1'],
  ...['ftp://shop.example', 'mailto:a@b.example', 'myapp://callback.attacker', 'view-source:https://shop.example', 'about:blank'],
  // Names that only look like the one that is listed.
  ...[
    'https://shop.example.evil.example',
    'https://evil-shop.example',
    'https://shop.exampleevil.example',
    'https://shop.example.',
  ],
  ...[
    'https://evil.example/https://shop.example',
    'https://evil.example?https://shop.example',
    'https://evil.example#shop.example',
  ],
  ...[
    'https://shop.example@evil.example/',
    'https://evil.example@shop.example/',
    'https://a:b@shop.example/',
    'https://@shop.example/',
  ],
  ...[
    'https://shop.example:444/',
    'http://shop.example/',
    'https://docs.example/',
    'https://sub.shop.example/',
    '//shop.example/',
  ],
  ...['https://ѕhop.example/', 'https://shop。example/', 'https://shop.example%2eevil.example/', 'https://ſhop.example/'],
  // The listed origin with a path that leads on, and what would end a header line.
  ...['https://shop.example//evil.example', 'https://shop.example/.//evil.example', 'https://shop.example/%2f/evil.example'],
  ...['https://shop.example/\r\nset-cookie: a=b', '/x\r\nset-cookie: a=b', '/%0d%0aset-cookie:a=b', '/\u2028', '/é'],
  // No address at all.
  ...['evil.example', '@evil.example', ':80', '?next=//evil.example', '#//evil.example', '.', '..', '', 'undefined', 'null'],
]

describe('safeRedirect', () => {
  it('gives "/" for every published way to lead elsewhere (L87, A98)', () => {
    assert.ok(ELSEWHERE.length >= 80, `${ELSEWHERE.length}`)
    for (const next of ELSEWHERE) assert.equal(safeRedirect(next, { allow }), '/', JSON.stringify(next))
    for (const none of [undefined, null, 5, {}, ['/a', '/b'], ['//evil.example'], { startsWith: () => true, length: 1 }])
      assert.equal(safeRedirect(none, { allow }), '/')
    assert.equal(safeRedirect(`https://shop.example/${'a'.repeat(3000)}`, { allow }), '/')
  })

  it('keeps paths of ours, and addresses of listed origins as they are written', () => {
    const kept = [
      '/',
      '/account?tab=keys',
      'https://shop.example/',
      'https://shop.example/cart?id=1',
      'https://docs.example:8443/a',
    ]
    for (const next of kept) assert.equal(safeRedirect(next, { allow }), next)
  })

  it('leads to no other origin when none is listed', () => assert.equal(safeRedirect('https://shop.example/'), '/'))

  it('refuses a list that names something else than origins', () => {
    for (const wrong of [
      'shop.example',
      'https://shop.example/',
      '*',
      'https://*.example',
      'javascript:',
      'HTTPS://shop.example',
    ])
      assert.throws(() => safeRedirect('/', { allow: [wrong] }), { message: /Write an origin without a path/ }, wrong)
  })
})
