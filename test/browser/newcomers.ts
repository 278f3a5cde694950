/** The pages that somebody meets who was invited, and what the letter in the folder of the example says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Example } from '../support/example.ts'
import { fill, press } from './stage.ts'

const WITHIN = 20_000
export const ADA = { address: 'ada@app.example', displayName: 'Ada', password: 'seven otters on a raft' } as const

/** Path and query of the link in the letter to that address, once it is written. */
export async function linkTo({ data }: Pick<Example, 'data'>, address: string): Promise<string> {
  const folder = join(data, 'mail')
  for (const end = Date.now() + WITHIN; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const letters = lettersIn(folder).filter((text) => text.includes(`\r\nTo: ${address}\r\n`))
    const link = /https?:\/\/\S+\?token=\S+/.exec(letters.at(-1) ?? '')
    if (link) return new URL(link[0]).pathname + new URL(link[0]).search
  }
  throw new Error(`There is no letter to ${address}.`)
}

function lettersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .toSorted()
      .map((name) => readFileSync(join(folder, name), 'utf8'))
  } catch {
    return [] // not made before the first letter
  }
}

/** From the administrators' page to an account of one's own; each page is shown to `look`. */
export async function newcomerPages(
  example: Example,
  admin: Page,
  newcomer: Page,
  look: (at: { readonly page: Page; readonly name: string }) => Promise<void>,
): Promise<void> {
  await admin.goto('/admin')
  await fill(admin, { address: 'no address' })
  await press(admin, 'Invite')
  await look({ page: admin, name: 'administration with a wrong address' })
  await fill(admin, { address: ADA.address })
  await press(admin, 'Invite')
  await look({ page: admin, name: 'administration with an invitation' })
  await admin.goto('/account/address')
  await look({ page: admin, name: 'no address' })

  const link = await linkTo(example, ADA.address)
  const { displayName, password } = ADA
  await newcomer.goto(link)
  await look({ page: newcomer, name: 'an invitation' })
  await fill(newcomer, { displayName, password, passwordAgain: 'something else that is long' })
  await press(newcomer, 'Create the account')
  await look({ page: newcomer, name: 'an invitation with an error' })
  await fill(newcomer, { password, passwordAgain: password })
  await press(newcomer, 'Create the account')
  await look({ page: newcomer, name: 'dashboard of somebody new' })
  await newcomer.goto('/account/address')
  await look({ page: newcomer, name: 'an address that is confirmed' })
  await newcomer.goto(link)
  await look({ page: newcomer, name: 'a link that is over' })
}
