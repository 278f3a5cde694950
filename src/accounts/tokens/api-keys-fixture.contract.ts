/** What the contracts of API keys share. */
import assert from 'node:assert/strict'
import { CLI, fixture, from, type Fixture, type Open } from '../fixture.contract.ts'
import type { ApiKeyFound, NewApiKey } from './types.ts'

export const MINUTE = 60_000
export const DAY = 86_400_000
export const ROLES = { admin: ['*'], editor: ['notes:*', 'files:read'], reader: ['notes:read'], member: [] }

export async function world(open: Open) {
  const f = await fixture(open, { roles: ROLES })
  async function key(login: string, more: Partial<NewApiKey> = {}) {
    const user = await f.accounts.users.byLogin(login)
    const made = await f.accounts.apiKeys.create({ userId: user!.id, name: 'export', scopes: [], ...more }, CLI)
    assert.ok(made.ok, made.ok ? '' : made.reason)
    return { ...made, text: made.text.reveal() }
  }
  const admit = async (text: string, network?: string): Promise<ApiKeyFound> =>
    await f.accounts.apiKeys.admit(text, from(network), f.clock.now)
  const reason = async (text: string, network?: string): Promise<string> => {
    const found = await admit(text, network)
    return found.ok ? 'ok' : found.reason
  }
  return { ...f, key, admit, reason }
}

/** What is stored anywhere, as one text. */
export async function everything({ database }: Fixture): Promise<string> {
  const rows: unknown[] = []
  for (const table of ['hf_users', 'hf_api_keys', 'hf_value'])
    rows.push(...(await database.statement(`SELECT * FROM ${table}`).all()))
  return JSON.stringify(rows)
}
