/**
 * What is asked of every page, whoever looks at it and in whatever state: accessible in light and dark, no wider than a wide or a narrow
 * screen, no control on another, no script but those of the kit, and not a word from the browser.
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
/**
 * Controls that lie on one another, or stick out of the cell of a table, by their names. What is cut off by a box that scrolls is compared
 * with what else scrolls with it, as somebody will see it who scrolls.
 */
const OVERLAPS = `(() => {
  const scrolls = (one) => { for (let at = one.parentElement; at; at = at.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(at).overflowX)) return at; return null }
  const nameOf = (one) => (one.textContent || one.name || one.id || one.tagName).trim().replaceAll(/\\s+/g, ' ').slice(0, 40)
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter((one) => one.checkVisibility() && !one.matches('.skip, .sr, .sr *'))
  const boxes = all.map((one) => {
    const box = one.getBoundingClientRect()
    const [scroller, cell] = [scrolls(one), one.closest('td, th')?.getBoundingClientRect()]
    const seen = scroller?.getBoundingClientRect()
    return { one, box, scroller, cell, cut: seen && { left: Math.max(box.left, seen.left), right: Math.min(box.right, seen.right), top: box.top, bottom: box.bottom } }
  })
  const overlap = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1
  const out = boxes.filter(({ box, cell }) => cell && (box.right > cell.right + 1 || box.left < cell.left - 1)).map(({ one }) => nameOf(one) + ' sticks out of its cell')
  boxes.forEach((a, index) => boxes.slice(index + 1).forEach((b) => {
    if (a.one.contains(b.one) || b.one.contains(a.one)) return
    const together = a.scroller === b.scroller
    if (overlap(together ? a.box : (a.cut ?? a.box), together ? b.box : (b.cut ?? b.box))) out.push(nameOf(a.one) + ' and ' + nameOf(b.one) + ' lie on one another')
  }))
  return out
})()`
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
        for (const overlap of await page.evaluate<string[]>(OVERLAPS)) problems.push(`${name}, ${width}: ${overlap}`)
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
