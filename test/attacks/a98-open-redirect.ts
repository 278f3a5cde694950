import { defineAttack } from '../support/attack.ts'

/** Ways to write another origin, a scheme, or a header into a path: what browsers, parsers and proxies have been seen to take. */
const TARGETS = [
  ...[
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
  ],
  ...[
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e%2e//evil.example',
    '/%2F/evil.example',
    '/%5cevil.example',
    '/%09/evil.example',
  ],
  ...[
    'https://evil.example',
    'https:evil.example',
    'HTTPS:/evil.example',
    'http:///evil.example',
    '//evil.example%2f..',
    '//localhost@evil.example',
  ],
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    ' //evil.example',
    '\u00a0//evil.example',
  ],
  ...[
    '.evil.example',
    '@evil.example',
    ':80',
    'evil.example',
    '?//evil.example',
    '#//evil.example',
    '/\r\nlocation: https://evil.example',
  ],
  ...[
    '/\u2215/evil.example',
    '/\uff0f/evil.example',
    '//\u3002evil.example',
    '/;//evil.example',
    '/%00//evil.example',
    '/%0d%0aset-cookie:a=b',
  ],
]

/** Whether a browser on our origin would leave it, now or when the path is sent on once more. */
function leaves(location: string, origin: string): boolean {
  const url = URL.parse(location, `${origin}/here`)
  if (url === null || url.origin !== origin) return true
  return URL.parse(url.pathname + url.search, `${origin}/here`)?.origin !== origin
}

export default defineAttack({
  id: 'A98',
  title: 'leads people to another site by an address in a query that is meant for paths of ours',
  control: 'signIn',
  adapters: 'all',
  without: { heldBy: 'start-up', why: 'the function that makes the way on returns paths of ours only; no option changes that' },
  async succeeds(app) {
    const blind = ['//evil.example', '/\\evil.example', '/.//evil.example', 'https:evil.example'].find(
      (to) => !leaves(to, app.origin),
    )
    if (blind !== undefined) throw new Error(`The judge does not see that ${blind} leads away.`)
    for (const target of TARGETS) {
      const { status, headers, all } = await app.fetch(`/redirect?to=${encodeURIComponent(target)}`)
      if (status !== 302) continue
      if (leaves(headers.location!, app.origin) || all('set-cookie').length > 0) return true
    }
    const own = await app.fetch(`/redirect?to=${encodeURIComponent('/notes?id=1')}`)
    if (own.headers.location !== '/notes?id=1') throw new Error('A path of ours was not taken.')
    return false
  },
})
