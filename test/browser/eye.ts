/**
 * What is asked of every page, whoever looks at it and in whatever state: accessible in light and dark, no wider than a wide or a narrow
 * screen, no script but those of the kit, and not a word from the browser.
 */
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'

export interface Eye {
  /** What was found, each with the name of the page. */
  readonly problems: readonly string[]
  /** From now on what the browser complains of in there is a problem. That an answer has the status it should have is none. */
  watch(context: BrowserContext, name: string): void
  /** Looks at what is there now. */
  look(page: Page, name: string): Promise<void>
}

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 360 },
] as const
/** Pages with a passkey on them, or with work to do, have one script, from a file of the kit. */
const OURS = ['passkey', 'challenge'].map((name) => `:not([src^="/login/${name}.js?v="])`).join('')
const ANY_CODE = `document.querySelector('script${OURS}, script:not(:empty), [style], [onclick], [onload]') !== null`
const TOO_WIDE = 'document.documentElement.scrollWidth > innerWidth'
/** Whether the way out left the line of the brand. */
const STRAYED = `(([brand, who]) => who !== undefined && Math.abs(brand.top + brand.bottom - who.top - who.bottom) > 4)([...document.querySelectorAll('.top > .brand, .top > .who')].map((one) => one.getBoundingClientRect()))`
const STATUS = /^Failed to load resource: the server responded with a status of (?:4\d\d|500) /

/** `pictures`: a folder for screenshots, as `home-1280-light.png`. */
export function createEye(pictures?: string): Eye {
  const problems: string[] = []
  let examining = false

  return {
    problems,

    watch(context, name) {
      context.on('weberror', (error) => problems.push(`${name} threw: ${error.error().message}`))
      context.on('console', (message) => {
        const text = message.text()
        const matters = /Content Security Policy|Trusted ?Type/.test(text) || (message.type() === 'error' && !STATUS.test(text))
        // What axe does is refused, too.
        if (matters && !examining) problems.push(`${name}, ${message.location().url}: ${text}`)
      })
    },

    async look(page, name) {
      if (await page.evaluate(ANY_CODE)) problems.push(`${name}: a script or a style of its own`)
      for (const { colorScheme, width } of LOOKS) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 800 })
        if (await page.evaluate(TOO_WIDE)) problems.push(`${name}: wider than ${width}`)
        if (await page.evaluate(STRAYED)) problems.push(`${name}: the way out is on another line at ${width}`)
        examining = true
        for (const problem of await examine(page)) problems.push(`${name}, ${colorScheme}, ${width}: ${problem}`)
        examining = false
        const file = `${name.replaceAll(/\W+/g, '-')}-${width}-${colorScheme}.png`
        if (pictures !== undefined) await page.screenshot({ path: join(pictures, file), fullPage: true })
      }
    },
  }
}

/** What axe finds, as `rule: elements`. */
async function examine(page: Page): Promise<string[]> {
  // Not by a script element, which the policy of the page would keep out.
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'], preload: false })`)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
