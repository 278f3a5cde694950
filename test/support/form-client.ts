/** What a browser does with a page that has a form: keeps what it hides, and sends it. */
import type { Response, TestApp } from './app.ts'
import { FORM } from './browser.ts'

export type Texts = Readonly<Record<string, string | readonly string[]>>

/** Sends a form; a list is a name that comes several times. */
export function postForm(app: TestApp, path: string, texts: Texts, cookie = ''): Promise<Response> {
  const pairs = Object.entries(texts).flatMap(([name, value]) => [value].flat().map((text) => [name, text] as [string, string]))
  const headers = { 'content-type': FORM, ...(cookie !== '' && { cookie }) }
  return app.fetch(path, { method: 'POST', headers, body: new URLSearchParams(pairs).toString() })
}

/** Opens a page: its hidden fields, and the cookie that belongs to it. */
export async function openPage(app: TestApp, path: string, cookie = '') {
  const page = await app.fetch(path, { headers: cookie === '' ? {} : { cookie } })
  const set = page.all('set-cookie').map((line) => line.split(';')[0]!)
  return { page, hidden: hiddenFields(page.text), cookie: cookie === '' ? set.join('; ') : cookie }
}

export function hiddenFields(page: string): Readonly<Record<string, string>> {
  const found = page.matchAll(/type="hidden"(?: id="\w+")? name="(\w+)" value="([^"]*)"/g)
  return Object.fromEntries([...found].map(([, name, value]) => [name!, value!]))
}
