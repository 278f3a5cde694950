import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { counted } from '../support/counted-hashing.ts'
import { postForm, reachableMember } from '../support/recovery.ts'

const work = counted()
/** What differs between any two answers, whoever asks. */
const OWN = ['date', 'x-request-id', 'content-security-policy', 'ratelimit', 'ratelimit-policy', 'content-length', 'set-cookie']

async function seen(app: TestApp, who: string): Promise<string> {
  const before = work.count()
  const { status, headers, text } = await postForm(app, '/login/recover', { who })
  const head = Object.entries(headers).filter(([name]) => !OWN.includes(name))
  const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? 'none'
  return JSON.stringify([status, head, text.replaceAll(nonce, 'NONCE'), work.count() - before])
}

export default defineAttack({
  id: 'A145b',
  title: 'finds out who has an account by asking for a new password (L73, L75, L76)',
  control: 'signIn',
  options: { passwords: { hashing: work.hashing } },
  without: { heldBy: 'design', why: 'there is one answer and one path of work; no option makes a second' },
  async succeeds(app) {
    const system = { kind: 'system', id: 'test' } as const
    await reachableMember(app, 'known-user')
    await app.signIn('member', 'mute-user')
    const gone = await reachableMember(app, 'gone-user')
    await app.holdfast.accounts.users.disable(gone.userId, system)
    const first = await seen(app, 'known-user')
    if (!first.startsWith('[202,')) throw new Error(`The page does not answer: ${first.slice(0, 200)}`)
    for (const who of ['no-such-user', 'mute-user', 'gone-user', 'known-user@mail.example', 'x@mail.example', 'no name at all'])
      if ((await seen(app, who)) !== first) return true
    return false
  },
})
