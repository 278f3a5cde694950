/**
 * Every form of the example that has something to fill in, without JavaScript and with nonsense in all of its fields: it is answered, what is
 * wrong is said with a link to where, and what was typed is there again, but never a password.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Page } from 'playwright-core'
import { addNote, inBrowser, MIRA, setUp } from './stage.ts'

const NONSENSE = {
  spaces: ' \u00a0\u200b ',
  'much too long': 'x'.repeat(5000),
  'characters that turn others around': 'a\u202eb\u0007c',
  markup: `"'></textarea><script>document.title = 'ran'</script>&lt;\\`,
} as const

interface Filled {
  readonly texts: number
  readonly names: readonly string[]
}

/** As somebody would send it who does not use the page: no bound of the browser's is left, and choices are not those offered. */
const FILL = `(form, text) => {
  const all = [...form.elements].filter((one) => one.name && !['hidden', 'submit', 'file'].includes(one.type))
  for (const one of all) {
    for (const bound of ['maxlength', 'minlength', 'required', 'pattern']) one.removeAttribute(bound)
    if (one.tagName === 'SELECT') one.append(new Option('nonsense', 'nonsense', true, true))
    else if (one.type === 'checkbox' || one.type === 'radio') { one.checked = true; one.value = 'nonsense' }
    else one.value = text
  }
  return { names: all.map((one) => one.name), texts: all.filter((one) => (/^(?:text|search|textarea)/.test(one.type) || (one.type === 'email' && !text.startsWith(' '))) && !/username/.test(one.autocomplete)).length }
}`

/** What the answer says. */
const READ = `(() => {
  const alert = document.querySelector('main [role=alert], [role=alert]')
  const targets = [...(alert?.querySelectorAll('a') ?? [])].map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))))
  const lost = targets.filter((one) => one === null || !one.matches('fieldset, select') && (one.getAttribute('aria-invalid') !== 'true' || !document.getElementById((one.getAttribute('aria-describedby') ?? '').split(' ').at(-1))))
  const values = [...document.querySelectorAll('main input:not([type=hidden]), main textarea')]
  return {
    says: alert?.innerText ?? '',
    links: targets.length,
    lost: lost.length,
    typed: values.filter((one) => one.type !== 'password').map((one) => one.value),
    secrets: values.filter((one) => one.type === 'password' && one.value !== '').length,
    title: document.title,
  }
})()`

interface Answer {
  readonly says: string
  readonly links: number
  readonly lost: number
  readonly typed: readonly string[]
  readonly secrets: number
  readonly title: string
}

/** Fills the form of this page that leads to `action`, sends it, and says what is wrong with the answer. */
async function problemsOf(page: Page, path: string, action: string, text: string): Promise<readonly string[]> {
  await page.goto(path)
  const form = `form[action="${action}"]`
  const sent = `document.querySelector(${JSON.stringify(form)}), ${JSON.stringify(text)}`
  const { names, texts } = await page.evaluate<Filled>(`(${FILL})(${sent})`)
  assert.ok(names.length > 0, `${action} of ${path} has nothing to fill in`)
  const [answer] = await Promise.all([
    page.waitForResponse((one) => one.request().isNavigationRequest()),
    page.locator(form).locator('button').first().click(),
  ])
  await page.waitForLoadState('load')
  const status = answer.status()
  const { says, links, lost, typed, secrets, title } = await page.evaluate<Answer>(READ)
  const problems: string[] = []
  if (status >= 500) problems.push(`answered ${status}`)
  if (secrets > 0) problems.push('shows a password again')
  if (title === 'ran') problems.push('ran a script')
  const refused = status >= 400 || says !== ''
  if (!refused) return problems
  if (says.trim().length < 10) problems.push(`${status}, and does not say what is wrong`)
  if (!title.startsWith('Error: ')) problems.push(`is called ${title}`)
  if (links === 0 || lost > 0) problems.push(`${lost} of ${links} links lead to no field that is wrong`)
  // Of what was refused for its characters, the rest.
  const left = text.replaceAll('\u202e', '').replaceAll('\u0007', '').slice(0, 3)
  if (texts > 0 && !typed.some((one) => one.startsWith(left))) problems.push('what was typed is gone')
  if (typed.some((one) => one.includes('\u202e'))) problems.push('shows again what was refused')
  return problems
}

/** THE LIST, without what asks for work first (`challenge.test.ts`): where a form stands, and where it leads (with the method, where two lead there). */
const FORMS: readonly (readonly [path: string, action: string])[] = [
  ['/', '/'],
  ['/dashboard', '/dashboard"][method="get'],
  ['/dashboard', '/dashboard"][method="post'],
  ['/dashboard/illustrated', '/dashboard/illustrated'],
  ['/admin', '/admin/users'],
  ['/admin', '/admin/invitations'],
  ['/account/password', '/account/password'],
  ['/account/profile', '/account/profile/name'],
  ['/account/address', '/account/address/change'],
  ['/account/keys', '/account/keys/create'],
]

await inBrowser('nonsense in every field of the example, without JavaScript', (stage) => {
  it('is answered, with words that help and with what was typed', async () => {
    const { visitor, example } = stage()
    const page = await (await visitor({ javaScriptEnabled: false })).newPage()
    const problems: string[] = []
    for (const [name, text] of Object.entries(NONSENSE))
      problems.push(...(await problemsOf(page, '/setup', '/setup', text)).map((one) => `/setup, ${name}: ${one}`))
    await setUp(page, example, MIRA)
    await addNote(page, 'Heron', 'By the weir.')
    await page.getByRole('link', { name: 'Edit “Heron”' }).click()
    const note = new URL(page.url()).pathname
    for (const [path, action] of [...FORMS, [note, note] as const])
      for (const [name, text] of Object.entries(NONSENSE)) {
        // Good enough for a password: it would be changed.
        if (name === 'markup' && path === '/account/password') continue
        problems.push(...(await problemsOf(page, path, action, text)).map((one) => `${path}, ${action}, ${name}: ${one}`))
      }
    assert.deepEqual(problems, [])
  })
})
