/** The pages of who forgot the password, as somebody meets them who is not signed in. */
import type { Page } from 'playwright-core'
import { fill, press } from './stage.ts'

interface Look {
  readonly page: Page
  readonly name: string
}

/** Shows each to `look`. `page` is nobody's. */
export async function recoveryPages(page: Page, look: (at: Look) => Promise<void>): Promise<void> {
  await page.goto('/login')
  await page.getByRole('link', { name: 'Forgot the password?' }).click()
  await look({ page, name: 'a forgotten password' })
  await fill(page, { who: 'tomas' })
  await press(page, 'Send the letter')
  await look({ page, name: 'a letter is on its way' })
  await page.goto(`/login/recover/password?token=${'x'.repeat(43)}`)
  await look({ page, name: 'a link of recovery that is over' })
  await page.goto(`/login/unlock?token=${'x'.repeat(43)}`)
  await look({ page, name: 'a link of a lock that is over' })
}
