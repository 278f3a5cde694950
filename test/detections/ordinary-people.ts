/** What people do on an ordinary day, with their mistakes. */
import { randomUUID } from 'node:crypto'
import type { Day, Way } from './ordinary-day.ts'
import { PASSWORD, type Answer, type Client } from './panel.ts'

const SESSION = 'hf_sid_localhost'

/** What people look for: names with apostrophes, words of SQL, signs of every kind. */
export const SEARCHES = [
  ...[
    "O'Brien",
    'select a gift from us',
    'drop off at the table',
    'rock and roll',
    '5 > 3 and 2 < 4',
    'C++ / C#',
    '100%',
    '"exact words"',
  ],
  ...[
    'union of teachers',
    'where is the key?',
    'a/b testing',
    'order by Friday',
    "it's 1=1 in the score",
    'insert coin',
    'tea & biscuits',
  ],
  ...[
    'like a "rolling stone"',
    'sleep (8 hours)',
    'from Berlin or Paris',
    '<3',
    'user@example.org',
    '../notes',
    'C:\\temp',
    '$100',
    '{draft}',
    '日本語',
  ],
]

/** What they write. The last ones work with such things. */
const TEXTS = [
  ...[
    'Milk, eggs, bread',
    'Call back before 5',
    "Don't forget: Anna's birthday",
    'Meeting moved to 10:30 -- room 4',
    'a < b && b > c',
  ],
  ...['select the best offers from the list; then order', 'See https://example.org/?a=1&b=2', 'if (x) { return "y" }'],
  ...[
    "SELECT name FROM users WHERE name = 'x' OR 1=1 -- why it is dangerous",
    '<script>alert(1)</script> as an example for the workshop',
  ],
]

interface Page {
  readonly token: string
  readonly ids: readonly string[]
}

async function dashboard(client: Client, path = '/dashboard'): Promise<Page> {
  const { text } = await client.send(path)
  return {
    token: /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '',
    ids: [...text.matchAll(/href="\/dashboard\/notes\/([\w-]+)"/g)].map((match) => match[1]!),
  }
}

/** What a browser fetches with a page, as far as it does not have it. */
async function assets(client: Client): Promise<void> {
  for (const path of ['/static/app.css', '/static/mark.svg', '/favicon.ico']) await client.send(path)
}

/** Comes in, with or without wrong passwords before. */
async function* comeIn(day: Day, client: Client, login: string, next = '/dashboard'): AsyncGenerator<number, Answer, void> {
  await client.send(next)
  await client.send('/login')
  await assets(client)
  yield day.between(4000, 20_000)
  const typos = day.chance()
  for (let typo = 0; typo < (typos < 0.03 ? 2 : typos < 0.13 ? 1 : 0); typo++) {
    await client.signIn(login, `${PASSWORD}${day.pick(['x', ' ', '1'])}`)
    yield day.between(4000, 15_000)
  }
  return await client.signIn(login)
}

/** Somebody at work: notes, searches, mistakes, the back button; for so many rounds. */
export async function* worker(day: Day, client: Client, login: string, rounds: number): Way {
  yield* comeIn(day, client, login)
  let { token, ids } = await dashboard(client)
  for (let round = 0; round < rounds; round++) {
    yield day.between(5000, 90_000)
    const what = day.chance()
    if (what < 0.35) await client.send(`/dashboard?search=${encodeURIComponent(day.pick(SEARCHES))}`)
    else if (what < 0.6) {
      const form = { title: day.pick(SEARCHES), text: day.pick(TEXTS), homepage: '', _csrf: token }
      await client.send('/dashboard', { form })
      // The button was pressed twice.
      if (day.chance() < 0.1) await client.send('/dashboard', { form })
      ;({ token, ids } = await dashboard(client, '/dashboard?done=added'))
    } else if (what < 0.68)
      await client.send('/dashboard', { form: { title: '', text: day.pick(TEXTS), homepage: '', _csrf: token } })
    else if (what < 0.8 && ids.length > 0) {
      const id = day.pick(ids)
      await client.send(`/dashboard/notes/${id}`)
      yield day.between(3000, 30_000)
      await client.send(`/dashboard/notes/${id}`, {
        form: { title: 'Changed', text: day.pick(TEXTS), homepage: '', _csrf: token },
      })
    } else if (what < 0.84 && ids.length > 0) {
      const id = day.pick(ids)
      await client.send(`/dashboard/notes/${id}/delete`, { form: { _csrf: token } })
      // Back to the page of what is gone.
      if (day.chance() < 0.3) await client.send(`/dashboard/notes/${id}`)
      ;({ token, ids } = await dashboard(client))
    } else if (what < 0.9)
      await client.send(day.pick(['/account/sessions', '/account/factors', '/account/keys', '/account/profile']))
    else if (what < 0.92) await client.send(day.pick(['/old-link', '/help', '/admin', '/notes/2024/summary']))
    else ({ token, ids } = await dashboard(client))
  }
  if (day.chance() < 0.5) {
    const held = token
    await client.send('/logout', { form: { _csrf: held } })
    // The back button shows the page once more, and its form is sent, by a browser that keeps its origin to itself.
    if (day.chance() < 0.3) {
      await client.send('/dashboard')
      const form = { title: 'late', text: '', homepage: '', _csrf: held }
      await client.send('/dashboard', { form, headers: { origin: 'null' } })
    }
  }
}

/** Somebody on the way: the same browser, from one network after the other. */
export async function* traveller(day: Day, client: Client, login: string, rounds: number): Way {
  yield* comeIn(day, client, login)
  for (let round = 0; round < rounds; round++) {
    yield day.between(10_000, 120_000)
    if (day.chance() < 0.2) client.address = `100.6${day.between(4, 9)}.${day.between(0, 255)}.${day.between(1, 255)}`
    await dashboard(client)
    await client.send(`/dashboard?search=${encodeURIComponent(day.pick(SEARCHES))}`)
  }
}

/** A tab that was left open until the session was over, and wakes up with several requests at once. */
export async function* sleeper(day: Day, client: Client, login: string): Way {
  yield* comeIn(day, client, login)
  await dashboard(client)
  yield 45 * 60_000
  const cookie = client.cookies.get(SESSION)
  for (const path of ['/dashboard', '/api/notes', '/api/me', '/account/sessions', '/dashboard?search=x', '/api/notes?search=y']) {
    if (cookie !== undefined) client.cookies.set(SESSION, cookie)
    await client.send(path)
  }
  yield* comeIn(day, client, login)
  await dashboard(client)
}

/** Somebody who signed out everywhere at one browser, while another has the page open. */
export async function* twoBrowsers(day: Day, one: Client, other: Client, login: string): Way {
  yield* comeIn(day, one, login)
  yield* comeIn(day, other, login)
  const { token } = await dashboard(one)
  yield 30_000
  await one.send('/logout', { form: { _csrf: token, everywhere: 'on' } })
  const cookie = other.cookies.get(SESSION)
  for (const path of ['/dashboard', '/api/notes', '/api/me', '/api/notes?search=a', '/api/notes?search=b']) {
    if (cookie !== undefined) other.cookies.set(SESSION, cookie)
    await other.send(path)
  }
}

/** Somebody who forgot the password, or thinks so. */
export async function* forgetful(day: Day, client: Client, login: string): Way {
  await client.send('/login')
  for (let wrong = 0; wrong < 3; wrong++) {
    yield day.between(6000, 20_000)
    await client.signIn(login, `perhaps this one ${wrong}`)
  }
  await client.send('/login/recover')
  yield day.between(5000, 20_000)
  await client.send('/login/recover', { form: { who: login } })
  yield day.between(60_000, 200_000)
  await client.send('/login/recover', { form: { who: login } })
  yield day.between(200_000, 600_000)
  // It came back to mind.
  await client.signIn(login)
  await dashboard(client)
}

/** The administrator: users, roles, and mistakes in forms. */
export async function* administrator(day: Day, client: Client, login: string, rounds: number): Way {
  yield* comeIn(day, client, login, '/admin')
  const token = /name="_csrf" value="([^"]+)"/.exec((await client.send('/admin')).text)?.[1] ?? ''
  for (let round = 0; round < rounds; round++) {
    yield day.between(60_000, 400_000)
    const form = { login: `new-${round}`, password: 'a walrus sings at four', role: 'member', _csrf: token }
    await client.send('/admin/users', { form: day.chance() < 0.3 ? { ...form, password: 'short' } : form })
    const { text } = await client.send('/admin?done=added')
    const roles = [...text.matchAll(/action="(\/admin\/users\/[^"]+\/role)"/g)]
    if (day.chance() < 0.4 && roles.length > 2)
      await client.send(roles.at(-1)![1]!, { form: { role: day.pick(['member', 'admin']), _csrf: token } })
    if (day.chance() < 0.1) await client.send(`/admin/users/${randomUUID()}/role`, { form: { role: 'member', _csrf: token } })
  }
}
