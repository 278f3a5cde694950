/** Where a Location of `safeRedirect` leads, by the word of a browser: to ourselves or to a listed site, whatever was asked for. */
import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { chromium, type Browser, type Page } from 'playwright-core'
import { safeRedirect } from '../../src/http/safe-redirect.ts'
import { chromiumPath } from '../support/services.ts'

const SHOP = 'https://shop.example'
const TRICKS = ['//evil.example/', '/\\evil.example/', '/\t/evil.example/', '\\\\evil.example/', 'https:evil.example/']
/** What published tricks are made of. */
const ATOMS = [
  ...[
    '/',
    '//',
    '\\',
    '/\\',
    '\t',
    '\n',
    '\r',
    ' ',
    '\0',
    '\u001f',
    '\u0085',
    '\u2028',
    '.',
    '..',
    ':',
    ':443',
    ';',
    '@',
    '#',
    '?',
  ],
  ...[
    'evil.example',
    'shop.example',
    'https:',
    'http:',
    'javascript:',
    'data:',
    'xn--80ak6aa92e',
    '\uff45vil',
    '\ud800',
    'a',
    'b',
  ],
  ...[
    '%2f',
    '%5c',
    '%2e',
    '%00',
    '%09',
    '%0d%0a',
    '%zz',
    '%c0%af',
    '%ef%bc%8f',
    '%252f',
    '\u3002',
    '\uff0f',
    '\u2044',
    '\uff0e',
    '\u200b',
  ],
  ...['&', '=', '[', ']', '|', '^', '{', '"', '<', '*', '!', "'", '(', ',', '+', '~', '-', '_'],
]
const asked = fc
  .tuple(fc.constantFrom('/', '/', '', SHOP, `${SHOP}/`), fc.array(fc.constantFrom(...ATOMS), { minLength: 1, maxLength: 6 }))
  .map(([start, rest]) => start + rest.join(''))
const NAVIGATIONS = 80
const path = await chromiumPath()

describe('the way on that safeRedirect gives', { skip: 'skip' in path && path.skip }, () => {
  let browser: Browser
  let page: Page
  let own: string
  let location: Buffer
  let reached: string
  const server = http.createServer((request, response) => {
    // As bytes: what a server sends when it does not look.
    if (request.url === '/go') response.writeHead(302, { location: location.toString('latin1') }).end()
    else response.end('here')
  })
  before(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const nowhere = '--host-resolver-rules=MAP * 127.0.0.1:1, EXCLUDE 127.0.0.1'
    browser = await chromium.launch({ executablePath: 'url' in path ? path.url : '', args: ['--no-sandbox', nowhere] })
    page = await browser.newPage()
    page.on('request', (request) => void (request.isNavigationRequest() && (reached = request.url())))
  })
  after(async () => {
    await browser?.close()
    server.close()
    server.closeAllConnections()
  })

  async function originBehind(to: string): Promise<string> {
    location = Buffer.from(to)
    await page.goto(`${own}/go`, { waitUntil: 'commit' }).catch(() => undefined)
    return new URL(reached).origin
  }

  it('leads elsewhere when nobody looks, so that the judge is seen to see', async () => {
    for (const trick of TRICKS) assert.match(await originBehind(trick), /^https?:\/\/evil\.example$/, JSON.stringify(trick))
  })

  it('stays at home by the standard of URLs, also when a proxy undoes the escapes once', () => {
    const origins = ['https://own.example', SHOP]
    fc.assert(
      fc.property(asked, (to) => {
        const next = safeRedirect(to, { allow: [SHOP] })
        assert.match(next, /^[\x21-\x7e]+$/)
        for (const read of [next, decodeOnce(next)])
          assert.ok(origins.includes(URL.parse(read, 'https://own.example/here')?.origin ?? ''), `${JSON.stringify(to)}: ${read}`)
      }),
      { numRuns: 20_000 },
    )
  })

  it('stays at home in Chromium', async () => {
    const kept = new Set(fc.sample(asked, 20_000).map((to) => safeRedirect(to, { allow: [SHOP] })))
    assert.ok(kept.size > NAVIGATIONS, `${kept.size} are not sent home`)
    for (const next of [...kept].slice(0, NAVIGATIONS))
      assert.ok([own, SHOP].includes(await originBehind(next)), `${next} led to ${reached}`)
  })
})

function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
