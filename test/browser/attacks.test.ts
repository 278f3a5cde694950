/**
 * What other sites and other people's words can do to somebody who is signed in, seen by a real browser: cookies, forms, frames,
 * reads across origins, injected script, and what the browser keeps after signing out.
 */
import assert from 'node:assert/strict'
import http, { type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { localCertificate } from '../../src/tls/local.ts'
import { addNote, heading, inBrowser, MIRA, setUp, signIn, signOut } from './stage.ts'

const SESSION = '__Host-hf_sid'
const KNOWN = '__Host-hf_known'

await inBrowser('a signed-in browser', (stage) => {
  let [mira, page] = [undefined as unknown as BrowserContext, undefined as unknown as Page]
  before(async () => {
    mira = await stage().visitor()
    page = await mira.newPage()
    await setUp(page, stage().example)
  })
  after(() => mira?.close())

  it('holds the session where no script, no other host and no plain http can reach it', async () => {
    const cookies = await mira.cookies()
    const cookie = cookies.find(({ name }) => name === SESSION)
    const { value } = cookie!
    assert.deepEqual(cookies.map(({ name }) => name).toSorted(), [KNOWN, SESSION])
    assert.match(value, /^[\w-]{43}$/)
    const held = { domain: 'localhost', path: '/', expires: -1, httpOnly: true, secure: true, sameSite: 'Lax' }
    assert.deepEqual(cookie, { name: SESSION, value, ...held })
    await page.goto('/dashboard')
    assert.equal(await page.evaluate('document.cookie'), '')
    const stranger = await stage().visitor()
    const nobody = await stranger.newPage()
    await nobody.goto('/?name=x')
    assert.deepEqual(await stranger.cookies(), [], 'anonymous readers get no cookie')
    await stranger.close()
  })

  it('shows what others wrote as text: a note, a search, a name in the address', async () => {
    const dialogs: string[] = []
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const nasty = [
      `<script>alert(1)</script>`,
      `"><img src=x onerror=alert(2)>`,
      `</title></textarea><svg onload=alert(3)>`,
      `javascript:alert(4)`,
    ]
    for (const text of nasty) {
      await page.goto('/dashboard')
      await addNote(page, text, `${text}\n\${alert(5)}`)
      assert.equal(await page.locator('.list h3').first().innerText(), text)
      assert.ok((await page.locator('.list .text').first().innerText()).startsWith(text))
      await page.goto(`/dashboard?search=${encodeURIComponent(text)}`)
      assert.equal(await page.locator('#search').inputValue(), text)
      await page.getByRole('link', { name: `Edit “${text}”` }).click()
      assert.equal(await page.locator('#title').inputValue(), text)
      await page.goto(`/?name=${encodeURIComponent(text)}`)
      assert.equal(await heading(page), `Welcome, ${text}`)
      await page.goto('/admin')
    }
    assert.equal(await page.locator('main script, main img, main svg').count(), 0)
    assert.deepEqual(dialogs, [])
  })

  it('shows no private page again when one goes back after signing out', async () => {
    const visitor = await stage().visitor()
    const last = await visitor.newPage()
    await signIn(last, MIRA)
    await addNote(last, 'Where the key is', 'under the third pot')
    await last.goto('/dashboard')
    assert.match(await last.content(), /third pot/)
    await signOut(last)
    // What says that somebody signed in here before opens nothing, and is kept.
    const names = (await visitor.cookies()).map(({ name }) => name)
    assert.deepEqual([names.includes(KNOWN), names.includes(SESSION)], [true, false])
    for (let step = 0; step < 4; step++) {
      await last.goBack()
      assert.doesNotMatch(await last.content(), /third pot/)
    }
    await last.goto('/dashboard')
    assert.equal(new URL(last.url()).pathname, '/login')
    await visitor.close()
  })

  it('does not keep its session when the one who signs in comes with a planted one', async () => {
    const visitor = await stage().visitor()
    const planted = 'A'.repeat(43)
    await visitor.addCookies([
      { name: SESSION, value: planted, domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' },
    ])
    const victim = await visitor.newPage()
    await signIn(victim, MIRA)
    assert.equal(await heading(victim), 'Your notes')
    const cookie = (await visitor.cookies()).find(({ name }) => name === SESSION)
    assert.notEqual(cookie!.value, planted)
    await visitor.close()
  })
})

interface Attacker {
  readonly name: string
  /** Whether the browser sends SameSite=Lax cookies along with what its pages post. */
  readonly sameSite: boolean
  start(listener: RequestListener, certificateFolder: string): Promise<{ readonly server: Server; readonly origin: string }>
}

const ATTACKERS: readonly Attacker[] = [
  {
    name: 'another site',
    sameSite: false,
    async start(listener) {
      const server = http.createServer(listener)
      return { server, origin: `http://127.0.0.1:${await listen(server, '127.0.0.1')}` }
    },
  },
  {
    name: 'another port of the same host, to which browsers send the same cookies',
    sameSite: true,
    async start(listener, folder) {
      const { key, cert } = await localCertificate(folder)
      const server = https.createServer({ key, cert }, listener)
      return { server, origin: `https://localhost:${await listen(server, 'localhost')}` }
    },
  },
]

for (const attacker of ATTACKERS) {
  await inBrowser(`a page of ${attacker.name}`, (stage) => {
    let evil: Awaited<ReturnType<Attacker['start']>> | undefined
    let [victim, page] = [undefined as unknown as BrowserContext, undefined as unknown as Page]
    const cookiesSeen: string[] = []

    before(async () => {
      const { example } = stage()
      evil = await attacker.start(
        (request, response) => {
          cookiesSeen.push(request.headers.cookie ?? '')
          response.setHeader('content-type', 'text/html').end(trap(example.origin, request.url ?? '/'))
        },
        join(example.data, 'tls'),
      )
      victim = await stage().visitor()
      page = await victim.newPage()
      await setUp(page, example)
      await addNote(page, 'Mine', 'as I wrote it')
    })
    after(async () => {
      await victim?.close()
      evil?.server.closeAllConnections()
      evil?.server.close()
    })

    /** What the victim has; only they can say. */
    async function notes(): Promise<string[]> {
      const answer = await victim.request.get('/api/notes')
      const body = (await answer.json()) as { notes: { title: string }[] }
      return body.notes.map(({ title }) => title)
    }

    function fetchOf(path: string, init: object): string {
      return `fetch(${JSON.stringify(stage().example.origin + path)}, ${JSON.stringify(init)})`
    }

    it('cannot post the form for a note, nor sign somebody out or in', async () => {
      // What pretends to be JSON in a form that needs no preflight is refused for its type, before anything else.
      const refused = { note: 403, 'sign-out': 403, 'sign-in': 403, 'plain-json': 415 }
      for (const [form, status] of Object.entries(refused)) {
        await page.goto(`${evil!.origin}/${form}`)
        const answered = page.waitForResponse((response) => response.request().method() === 'POST')
        await page.locator('button').click()
        const answer = await answered
        const sent = await answer.request().allHeaders()
        assert.equal(answer.status(), status, form)
        assert.equal(sent['cookie']?.includes(SESSION) ?? false, attacker.sameSite, `${form}: whether the cookie went along`)
      }
      assert.deepEqual(await notes(), ['Mine'])
      const refusals = stage()
        .example.log()
        .filter(({ type }) => type === 'malicious_csrf')
      assert.equal(refusals.length, 3)
    })

    it('cannot show our pages in a frame', async () => {
      await page.goto(`${evil!.origin}/frame`, { waitUntil: 'load' })
      const [own, framed] = page.mainFrame().childFrames()
      assert.match(await own!.content(), /own frame/, 'frames work at all')
      assert.doesNotMatch(await framed!.content(), /Field notes/)
      assert.match(framed!.url(), /^chrome-error:/)
    })

    it('cannot read our answers, nor have a script of its own post for it', async () => {
      await page.goto(`${evil!.origin}/`)
      const own = await page.evaluate<string>(`fetch('/echo').then((answer) => answer.text())`)
      assert.match(own, /nothing here/, 'fetch works at all')
      const paths = ['/api/me', '/api/notes', '/', '/static/mark.svg']
      for (const path of paths) {
        const read = `.then((answer) => answer.text(), (error) => error.name)`
        assert.equal(await page.evaluate<string>(`${fetchOf(path, { credentials: 'include' })}${read}`), 'TypeError', path)
      }
      const asked = stage()
        .example.log()
        .filter(({ type, method }) => type === 'malicious_cors' && method === 'GET')
      assert.deepEqual(
        asked.map(({ path }) => path),
        paths,
        'the requests arrived, and the browser kept the answers to itself',
      )

      const json = { mode: 'cors', headers: { 'content-type': 'application/json' }, body: '{"title":"evil","text":""}' }
      const form = { mode: 'no-cors', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'title=evil&text=' }
      for (const init of [json, form])
        await page.evaluate(`${fetchOf('/api/notes', { method: 'POST', credentials: 'include', ...init })}.catch(() => {})`)
      assert.deepEqual(await notes(), ['Mine'])
    })

    if (attacker.sameSite) {
      it('gets the cookie itself, as every port of a host does: why nothing else should run beside it', () => {
        assert.ok(cookiesSeen.some((cookie) => cookie.includes(SESSION)))
      })
    }
  })
}

/** The attacker's pages. */
function trap(target: string, path: string): string {
  const form = (action: string, fields: string, more = '') =>
    `<form method="post" action="${target}${action}" ${more}>${fields}<button>Win</button></form>`
  const pages: Readonly<Record<string, string>> = {
    '/note': form('/dashboard', '<input name="title" value="evil"><input name="text" value="evil">'),
    '/sign-out': form('/logout', ''),
    '/sign-in': form('/login', `<input name="login" value="evil"><input name="password" value="evil">`),
    '/plain-json': form('/api/notes', `<input name='{"title":"evil","text":"' value='"}'>`, 'enctype="text/plain"'),
    '/frame': `<iframe src="/own"></iframe><iframe src="${target}/dashboard"></iframe>`,
    '/own': 'own frame',
  }
  return pages[path] ?? 'nothing here'
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port))
  })
}
