/** A program with an API key. */
import type { Arranged, Driver } from '../driver.ts'
import { DAY } from '../driver.ts'
import type { Stage, Step } from '../stage.ts'

const PATH = '/api/notes'

/** Somebody's key, as it is shown once. */
export async function keyOf(stage: Stage): Promise<string> {
  const { client } = await ownerOf(stage)
  const made = await client.post('/account/keys/create', { json: { name: 'one', days: '30' } })
  if (made.status !== 201) throw new Error(`No key: ${made.status} ${made.text}`)
  return (made.json() as { text: string }).text
}

async function ownerOf(stage: Stage) {
  const client = await stage.signedIn('admin')
  return { client }
}

/** The same key with another end: right in its form, and nobody's. */
export const asBearer = (key: string): Step => ({ method: 'GET', path: PATH, headers: { authorization: `Bearer ${key}` } })

async function arrange(stage: Stage): Promise<Arranged> {
  const key = await keyOf(stage)
  return { client: stage.visitor(), step: asBearer(key), secrets: [key] }
}

export const apiKey: Driver = {
  way: 'api-key',
  arrange,
  login: 'admin-1',
  life: 30 * DAY + 1,
  wrong: (_, turn) => asBearer(`hf_key_${String(turn).padStart(40, 'a')}`),
  async pair(stage) {
    const [disabled, deleted] = [await keyOf(stage), await keyOf(stage)]
    const owner = await stage.holdfast.accounts.users.byLogin('admin-1')
    await stage.signedIn('admin')
    await stage.holdfast.accounts.users.disable(owner!.id, { kind: 'system', id: 'test' })
    await stage.run(`DELETE FROM hf_users WHERE login = 'admin-2'`)
    return [asBearer(disabled), asBearer(deleted)]
  },
  behind: ({ apiKeys }) => apiKeys,
}
