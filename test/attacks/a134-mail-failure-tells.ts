import type { TestApp } from '../support/app.ts'
import { askForLetter } from '../support/mail.ts'
import { defineAttack } from '../support/attack.ts'

const TAKEN = 'ada@example.org'
const FREE = 'nobody@example.org'

/** Fails for one who has an account, as servers do that know their own users. */
const failing = {
  name: 'knows its users',
  send: async ({ to }: { to: string }) => (to === TAKEN ? Promise.reject(new Error('mailbox full')) : undefined),
}

async function ask(app: TestApp, address: string): Promise<string> {
  const { status, text, headers: head } = await askForLetter(app, address)
  const { date: _, ratelimit: __, 'x-request-id': ___, ...rest } = head
  return JSON.stringify([status, text, rest]).replaceAll(/'nonce-[^']+'/g, '')
}

export default defineAttack({
  id: 'A134',
  title: 'learns who has an account from what is answered when the letter to them cannot be sent (L75, CVE-2024-45231)',
  control: 'mail',
  options: { signIn: { signUp: 'open' }, mail: { from: 'noreply@app.example', transport: failing } },
  without: { heldBy: 'design', why: 'letters leave after the answer, from the outbox; no option sends them inside of a request' },
  async succeeds(app) {
    const { holdfast } = app
    const made = await holdfast.accounts.users.create(
      { login: 'ada', roles: ['member'], address: TAKEN, addressVerified: true },
      { kind: 'system', id: 'test' },
    )
    if (!made.ok) throw new Error('The account was not made.')
    const [taken, free] = [await ask(app, TAKEN), await ask(app, FREE)]
    await holdfast.mail!.flush()
    if (!app.events.some(({ type }) => type === 'mail_failed')) throw new Error('The letter did not fail.')
    return taken !== free
  },
})
