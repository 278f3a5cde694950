/** What the contracts of the doors that mail opens share. */
import assert from 'node:assert/strict'
import type { AccountsSetting } from '../accounts.ts'
import { CLI, fixture, from, type Fixture, type Open } from '../fixture.contract.ts'
import type { Posted } from '../letters/index.ts'
import type { NewUser } from '../types.ts'

export const ADA = 'ada@example.org'
export const LIFE = 900_000
export const HOUR = 3_600_000

export interface MailDoors extends Fixture {
  /** Asks for a link as from a browser; what it holds then, and what stands in the letter, if there is one. */
  askLink(name?: string, network?: string): Promise<{ browser: string; token: string; letters: readonly Posted[] }>
  askCode(name?: string, network?: string): Promise<{ browser: string; code: string; letters: readonly Posted[] }>
  person(login: string, more?: Partial<NewUser>): Promise<string>
}

/** Accounts with somebody who has a verified address. */
export async function mailDoors(open: Open, setting: Partial<AccountsSetting> = {}): Promise<MailDoors> {
  const f = await fixture(open, setting)
  const { magicLink, emailCode } = f.accounts.doors
  return {
    ...f,
    async askLink(name = ADA, network = '192.0.2.7') {
      const asked = await magicLink.ask({ name, life: LIFE, next: '/notes' }, from(network))
      assert.ok(asked.ok, JSON.stringify(asked))
      const letters = await f.letters()
      return { browser: asked.browser.reveal(), token: letters.length > 0 ? f.tokenOf(letters, 'magic-link') : '', letters }
    },
    async askCode(name = ADA, network = '192.0.2.7') {
      const asked = await emailCode.ask({ name }, from(network))
      assert.ok(asked.ok, JSON.stringify(asked))
      const letters = await f.letters()
      return { browser: asked.browser.reveal(), code: letters[0]?.data['code'] ?? '', letters }
    },
    async person(login, more = {}) {
      const created = await f.accounts.users.create({ login, ...more }, CLI)
      assert.ok(created.ok, JSON.stringify(created))
      return created.user.id
    },
  }
}

export const verified = (address: string) => ({ address, addressVerified: true })

export function withAda(open: Open) {
  return async function start(setting: Partial<AccountsSetting> = {}) {
    const f = await mailDoors(open, setting)
    const ada = await f.person('ada', { roles: ['member'], ...verified('Ada@Example.org') })
    f.takeEvents()
    return { ...f, ada }
  }
}
