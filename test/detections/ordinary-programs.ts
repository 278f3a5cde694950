/** What programs do on an ordinary day: crawlers, monitors, password managers, API clients, add-ons of browsers. */
import type { Day, Way } from './ordinary-day.ts'
import type { Client } from './panel.ts'

export const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
export const MONITOR = 'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)'

/** Reads robots.txt first, and then what it found, slowly; some of it is gone. */
export async function* crawler(day: Day, client: Client, pages: number): Way {
  await client.send('/robots.txt')
  await client.send('/sitemap.xml')
  for (let page = 0; page < pages; page++) {
    yield day.between(8000, 20_000)
    await client.send(
      day.pick(['/', '/', '/static/app.css', '/static/mark.svg', '/login', '/about', `/news/${day.between(1, 30)}`]),
    )
  }
}

/** Looks every minute whether the page is there. */
export async function* monitor(client: Client, looks: number): Way {
  for (let look = 0; look < looks; look++) {
    await client.send('/', { method: look % 2 === 0 ? 'HEAD' : 'GET' })
    yield 60_000
  }
}

/** What browsers, telephones and password managers ask of every site by themselves. */
export async function* wellKnown(day: Day, client: Client): Way {
  const paths = [
    ...['/favicon.ico', '/apple-touch-icon.png', '/apple-touch-icon-precomposed.png', '/manifest.json', '/browserconfig.xml'],
    ...['/.well-known/change-password', '/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200'],
    ...['/.well-known/passkey-endpoints', '/.well-known/security.txt'],
  ]
  for (const path of paths) {
    await client.send(path)
    yield day.between(50, 3000)
  }
}

/** A program with a key: it reads and writes, makes mistakes, and tries again. */
export async function* apiClient(day: Day, client: Client, key: string, calls: number): Way {
  const headers = { authorization: `Bearer ${key}`, accept: 'application/json' }
  for (let call = 0; call < calls; call++) {
    yield day.between(20_000, 60_000)
    const what = day.chance()
    if (what < 0.6)
      await client.send(`/api/notes?search=${encodeURIComponent(day.pick(['a', "b'c", 'x and y', 'select']))}`, { headers })
    else if (what < 0.8) await client.send('/api/notes', { json: { title: `Report ${call}`, text: "it's done" }, headers })
    else if (what < 0.85) await client.send('/api/notes', { json: { title: '' }, headers })
    else if (what < 0.88)
      await client.send('/api/notes', { form: { title: 'x' }, headers: { ...headers, 'content-type': 'application/json' } })
    else if (what < 0.9) await client.send('/api/nothing-here', { headers })
    else {
      // No answer in time: once more, and once more.
      for (let again = 0; again < 3; again++) {
        await client.send('/api/me', { headers })
        yield 1000 * 2 ** again
      }
    }
  }
}

/** A key that ran out last night, in a job that nobody has told. */
export async function* staleKey(client: Client, key: string, calls: number): Way {
  for (let call = 0; call < calls; call++) {
    await client.send('/api/notes', { headers: { authorization: `Bearer ${key}` } })
    yield 300_000
  }
}

/** What the browsers of one person report: add-ons that put script into every page. */
export async function* reports(day: Day, client: Client, many: number): Way {
  const { origin } = day.panel
  for (let report = 0; report < many; report++) {
    const blocked = day.pick(['chrome-extension://abcdefgh/inject.js', 'moz-extension://1234/content.js', 'inline', 'data'])
    const body = {
      effectiveDirective: 'script-src-elem',
      blockedURL: blocked,
      documentURL: `${origin}/dashboard`,
      disposition: 'enforce',
    }
    const headers = { 'content-type': 'application/reports+json' }
    await client.send('/_holdfast/reports', { json: [{ type: 'csp-violation', url: origin, body }], headers })
    yield day.between(60_000, 300_000)
  }
}

/** A page of a partner that may not read our answers, and asks all the same. */
export async function* partnerPage(client: Client, many: number): Way {
  for (let call = 0; call < many; call++) {
    await client.send('/api/notes', { headers: { origin: 'https://partner.example' } })
    yield 20_000
  }
}
