/** What the contracts of the tokens of apps share. */
import assert from 'node:assert/strict'
import type { AccountsSetting } from '../accounts.ts'
import { fixture, from, type Open } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'
import type { IssuedTokens, NewApp } from './app-types.ts'

export const MINUTE = 60_000
export const DAY = 86_400_000
export const ROLES = { admin: ['*'], editor: ['notes:*', 'files:read'], reader: ['notes:read'], member: [] }

export async function world(open: Open, setting: Partial<AccountsSetting> = {}) {
  const f = await fixture(open, { roles: ROLES, ...setting })
  const { tokens } = f.accounts
  async function app(login: string, more: Partial<NewApp> = {}): Promise<IssuedTokens> {
    const { token } = await f.session(login)
    const begun = await tokens.begin({ session: token.reveal(), client: 'Notes', ...more }, from())
    assert.ok(begun.ok, begun.ok ? '' : begun.reason)
    return begun
  }
  const access = async (text: string | Secret, accounts = f.accounts): Promise<string> => {
    const found = await accounts.tokens.admit(typeof text === 'string' ? text : text.reveal(), f.clock.now)
    return found.ok ? 'ok' : found.reason
  }
  const refresh = async (text: string | Secret) => await tokens.refresh(typeof text === 'string' ? text : text.reveal(), from())
  const refreshed = async (text: string | Secret): Promise<IssuedTokens> => {
    const result = await refresh(text)
    assert.ok(result.ok, result.ok ? '' : result.reason)
    return result
  }
  const reason = async (text: string | Secret): Promise<string> => {
    const result = await refresh(text)
    return result.ok ? 'ok' : result.reason
  }
  return { ...f, tokens, app, access, refresh, refreshed, reason }
}

/** A digit of base64url that differs in the bits which 64 bytes leave over. */
export function sibling(digit: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return digits[digits.indexOf(digit) ^ 1]!
}
