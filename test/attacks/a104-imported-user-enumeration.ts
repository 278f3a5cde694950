import { createHash } from 'node:crypto'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { signInByForm } from '../support/browser.ts'

const system = { kind: 'system', id: 'test' } as const
const done: string[] = []
const hashing = {
  insecureParameters: { memory: 64, passes: 1, parallelism: 1 },
  onWork: ({ algorithm, passes }: { algorithm: string; passes: number }) => void done.push(`${algorithm} ${passes}`),
}

/** What is computed for one refused sign-in. */
async function workFor(app: TestApp, login: string): Promise<string> {
  done.length = 0
  await signInByForm(app, login, { password: 'the wrong password for it' })
  return done.toSorted().join(', ')
}

export default defineAttack({
  id: 'A104f',
  title: 'finds out by the work of a refused sign-in whose password was brought from another system',
  control: 'signIn',
  options: { passwords: { hashing } },
  without: {
    heldBy: 'design',
    why: 'every sign-in does the work of an imported hash while there are some; no option makes a second way',
  },
  async succeeds(app) {
    await app.signIn('member', 'our-user')
    const hash = createHash('sha1').update('abcletmein').digest('hex')
    const created = await app.holdfast.accounts.users.create({ login: 'old-user', passwordHash: `sha1$abc$${hash}` }, system)
    if (!created.ok) throw new Error(`The judge has no imported user: ${created.reason}.`)
    const before = await workFor(app, 'no-such-user')
    await app.holdfast.accounts.credentials.levelWork()
    const old = await workFor(app, 'old-user')
    if (old === before) throw new Error('The judge cannot tell an imported hash from one of ours.')
    return old !== (await workFor(app, 'no-such-user')) || old !== (await workFor(app, 'our-user'))
  },
})
