/** A browser and the admin panel, for one test file; what people do there, in words. */
import { after, before, describe, it } from 'node:test'
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  type Page,
} from 'playwright-core'
import { startExample, type Example } from '../support/example.ts'
import { chromiumPath } from '../support/services.ts'

export const MIRA = { login: 'mira', password: 'a walrus sings at four' } as const
export const TOMAS = { login: 'tomas', password: 'rain on the tin roof again' } as const

export interface Stage {
  readonly example: Example
  readonly browser: Browser
  /** A browser of somebody: cookies of their own. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>
}

/** `body` gets the stage once its tests run. Without Chromium they are skipped, with the reason in one line. */
export async function inBrowser(name: string, body: (stage: () => Stage) => void): Promise<void> {
  const path = await chromiumPath()
  if ('skip' in path) return it(name, { skip: path.skip })
  await describe(name, { timeout: 900_000 }, () => {
    let stage: Stage | undefined
    before(async () => {
      const browser = await chromium.launch({ executablePath: path.url, args: ['--no-sandbox'] })
      const example = await startExample('admin-panel')
      stage = {
        example,
        browser,
        visitor: async (options) => {
          const context = await browser.newContext({
            baseURL: example.origin,
            ignoreHTTPSErrors: true,
            reducedMotion: 'reduce',
            ...options,
          })
          context.setDefaultTimeout(20_000)
          return context
        },
      }
    })
    after(async () => {
      await stage?.browser.close()
      await stage?.example[Symbol.asyncDispose]()
    })
    body(() => stage!)
  })
}

/** Makes the first administrator with the code that the server printed; ends at the dashboard. */
export async function setUp(page: Page, { setUpCode }: Example, { login, password } = MIRA): Promise<void> {
  await page.goto('/setup')
  await fill(page, { code: setUpCode!, login, displayName: 'Mira Raman', password, passwordAgain: password })
  await press(page, 'Create administrator')
  await page.waitForURL('**/dashboard')
}

export async function signIn(
  page: Page,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<void> {
  await page.goto('/login')
  await fill(page, { login, password })
  await press(page, 'Sign in')
}

export async function signOut(page: Page): Promise<void> {
  await page.goto('/logout')
  await press(page, 'Sign out')
  await page.waitForURL('**/login?signed-out')
}

export async function addNote(page: Page, title: string, text: string): Promise<void> {
  await fill(page, { title, text })
  await press(page, 'Add note')
}

/** Writes into inputs by their ids. */
export async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, value] of Object.entries(values)) await page.locator(`#${id}`).fill(value)
}

/** Presses the button whose whole name this is, and waits for the page that comes. */
export async function press(page: Page, name: string): Promise<void> {
  const loaded = page.waitForEvent('load')
  await page.getByRole('button', { name, exact: true }).click()
  await loaded
}

/** Presses what the script takes over, and waits for the page that comes of it. */
export async function pressAndGo(page: Page, button: string, to: string): Promise<void> {
  await Promise.all([page.waitForURL(to), page.getByRole('button', { name: button, exact: true }).click()])
}

export function heading(page: Page): Promise<string> {
  return page.locator('h1').innerText()
}

export interface Device {
  readonly session: CDPSession
  readonly id: string
}

/** A telephone's passkeys (`internal`), or a key that is plugged in (`usb`). */
export async function addDevice(page: Page, transport: 'internal' | 'usb' = 'internal'): Promise<Device> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const own = transport === 'internal'
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: own,
      hasUserVerification: own,
      isUserVerified: own,
      automaticPresenceSimulation: true,
    },
  })
  return { session, id }
}
