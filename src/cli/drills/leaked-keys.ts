/** Drill: the API keys of a program have leaked; one was revoked already, and is used all the same. */
import type { Drill } from './drill.ts'

const BY = { kind: 'system', id: 'drill' } as const

export const leakedKeys: Drill = {
  name: 'leaked-keys',
  what: 'The API keys of a program have leaked; one that was revoked is used, and the thief holds another',
  playbook: 'leaked-api-key',
  detectedBy: ['token-reused', 'token-forgery'],
  options: { apiKeys: { accept: ['/api/'] } },
  async play(app) {
    const { apiKeys, users } = app.holdfast.accounts
    const service = await users.createService({ login: 'importer', roles: ['member'] }, BY)
    if (!service.ok) throw new Error(`The drill has no service: ${service.reason}.`)
    const userId = service.user.id
    const make = async (name: string) => {
      const made = await apiKeys.create({ userId, name, scopes: [] }, BY)
      if (!made.ok) throw new Error(`The drill has no key: ${made.reason}.`)
      return { id: made.key.id, text: made.text.reveal() }
    }
    const [old, second] = [await make('old'), await make('second')]
    await apiKeys.revoke(userId, old.id, BY)
    const [thief, program] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    const asks = (who: typeof thief, text: string) => who.get('/api/notes', { headers: { authorization: `Bearer ${text}` } })
    return {
      async attack() {
        for (let n = 0; n < 3; n++) await asks(thief, old.text)
        await asks(thief, second.text)
      },
      succeeds: async () => (await asks(thief, second.text)).status === 200,
      // The trace of the key says whose it is, and which others the owner has.
      async answers() {
        const { identity } = await app.holdfast.investigation.trace(
          { kind: 'api-key', value: old.id },
          { from: 0, to: app.now() },
        )
        const living = identity?.apiKeys.filter(({ status }) => status === 'active') ?? []
        return living.map(({ id }) => ({ response: 'revoke-api-key', subject: { kind: 'api-key', value: id } as const }))
      },
      async works() {
        const { text } = await make('new')
        return (await asks(program, text)).status === 200
      },
    }
  },
}
