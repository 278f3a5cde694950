/** What tests of one's own account do as a browser would. */
import { linkIn } from './mail.ts'
import type { TestApp } from './app.ts'
import { postForm } from './recovery.ts'

/** The token of the last letter to this address whose subject has these words. */
export async function tokenIn(app: TestApp, to: string, subject: RegExp): Promise<string> {
  await app.holdfast.accounts.notices.sweep(app.clock.now())
  const letter = (await app.mails()).findLast((one) => one.to === to && subject.test(one.subject))
  if (letter === undefined) throw new Error(`no letter to ${to} about ${String(subject)}`)
  return new URL(linkIn(letter), app.origin).searchParams.get('token')!
}

/** Asks for another address in a session, and confirms it as who reads its mail. */
export async function moveTo(app: TestApp, cookie: string, address: string): Promise<void> {
  await postForm(app, '/account/address/change', { address }, cookie)
  const token = await tokenIn(app, address, /Confirm your new address/)
  await postForm(app, '/login/change-address', { token })
}
