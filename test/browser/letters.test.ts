/** What holds for every letter as people see it: accessible in light and dark, narrow and wide, and nothing is loaded to show it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser } from 'playwright-core'
import { letters, type LetterName } from '../../src/accounts/letters/index.ts'
import { renderLetter } from '../../src/accounts/letters/render.ts'
import { chromiumPath } from '../support/services.ts'

const SETTING = { brand: 'Field notes', origin: 'https://app.example' }
const LINK = `${SETTING.origin}/login/link/open?token=${'x'.repeat(43)}`
const LOOKS = [
  { colorScheme: 'light', viewport: { width: 800, height: 700 } },
  { colorScheme: 'dark', viewport: { width: 320, height: 700 } },
] as const

/** A mail program shows a letter inside of its own page, which has the landmarks. */
const RULES = JSON.stringify({ rules: { 'landmark-one-main': { enabled: false }, region: { enabled: false } } })

/** Each fact is a link where the letter links to it, and a name otherwise. */
function letterOf(name: LetterName): string {
  const data: Record<string, string> = {}
  const facts = new Proxy<Record<string, string>>({}, { get: (_, fact) => (data[String(fact)] = 'Mira Okafor') })
  letters[name].text(facts as never, SETTING)
  for (const fact of Object.keys(data)) {
    const marked = letters[name].html({ ...data, [fact]: 'https://mark.example/' } as never, SETTING).toString()
    if (marked.includes('href="https://mark.example/')) data[fact] = LINK
  }
  return renderLetter({ letter: name, data }, SETTING).html
}

const found = await chromiumPath()

describe('every letter', { skip: 'skip' in found && found.skip }, () => {
  let browser: Browser
  before(async () => {
    browser = await chromium.launch({ executablePath: (found as { url: string }).url, args: ['--no-sandbox'] })
  })
  after(() => browser?.close())

  for (const look of LOOKS) {
    it(`passes axe in ${look.colorScheme} at ${look.viewport.width} pixels, is not wider than that, and loads nothing`, async () => {
      const context = await browser.newContext({ ...look, javaScriptEnabled: true })
      const page = await context.newPage()
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      for (const name of Object.keys(letters) as LetterName[]) {
        await page.setContent(letterOf(name))
        const folder = process.env['HOLDFAST_TEST_SCREENSHOTS']
        if (folder !== undefined) await page.screenshot({ path: `${folder}/letter-${name}-${look.colorScheme}.png` })
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${RULES})`)
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html).join()}`),
          [],
        )
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
        assert.ok(wide <= look.viewport.width, `${name} is ${wide} pixels wide`)
      }
      assert.deepEqual(asked, [])
      await context.close()
    })
  }
})
