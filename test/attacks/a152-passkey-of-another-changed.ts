import { defineAttack } from '../support/attack.ts'
import { sameOrigin } from '../support/browser.ts'
import { PASSKEYS, withPasskey } from '../support/passkeys.ts'

export default defineAttack({
  id: 'A152',
  title: "reads, renames or removes somebody else's passkey by its id (L95)",
  control: 'console',
  options: PASSKEYS,
  without: { heldBy: 'design', why: "the owner's id stands beside the passkey's in every question to the database" },
  async succeeds(app) {
    const [victim, eve] = [await withPasskey(app, 'victim'), await withPasskey(app, 'eve')]
    const page = await app.fetch(`/account/factors/passkeys/one?passkey=${victim.id}`, { headers: { cookie: eve.cookie } })
    if (page.status !== 404) return true
    for (const act of ['rename', 'remove']) {
      const body = new URLSearchParams({ passkey: victim.id, name: 'Owned' }).toString()
      const headers = sameOrigin(app, eve.cookie)
      const { status } = await app.fetch(`/account/factors/passkeys/${act}`, { method: 'POST', headers, body })
      if (status !== 404) return true
    }
    const [kept] = await app.holdfast.accounts.passkeys.list(victim.userId)
    return kept?.name !== 'Passkey'
  },
})
