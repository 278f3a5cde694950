/**
 * The account at the authority: made once and kept, its key replaced when somebody says so, and found again where the authority has
 * forgotten it. Source: RFC 8555 sections 7.3, 7.3.1 and 7.3.5.
 */
import type { Outbound } from '../../outbound/index.ts'
import { newKey, openClient, type Account, type OpenClient } from './client.ts'
import type { AcmeSetting } from './options.ts'
import type { Sealed } from './sealed.ts'

/** What is stored of it. */
export interface KeptAccount extends Account {
  /** At which authority: for another one it is none. */
  readonly directory: string
  /** The key that is to take the place of `key`. Stored before the authority hears of it: neither may be lost in between. */
  readonly next?: string
}

/** The account of the storage, or a new one. Its key is kept before it is used: two hosts must not make two. */
export async function openAccount(setting: AcmeSetting, sealed: Sealed, outbound: Outbound): Promise<OpenClient> {
  const kept = (await sealed.read('account')) as KeptAccount | undefined
  const account = kept?.directory === setting.directory ? kept : await keep({ key: newKey(), url: undefined })

  async function keep(next: Omit<KeptAccount, 'directory'>): Promise<KeptAccount> {
    const whole = { ...next, directory: setting.directory }
    await sealed.write('account', whole)
    return whole
  }

  if (account.url === undefined) {
    const open = await openClient(setting, account, outbound)
    await register(open, setting)
    await keep({ key: account.key, url: open.client.getAccountUrl() })
    return open
  }
  if (account.next === undefined) return await openClient(setting, account, outbound)
  const taken = await changeKey(setting, { ...account, url: account.url, next: account.next }, outbound)
  const { key, url } = taken ? { key: account.next, url: account.url } : account
  await keep({ key, url })
  const names = setting.names
  if (taken) setting.report({ type: 'tls_account_key_replaced', data: { names, directory: setting.directory } })
  else {
    const reason = 'The authority did not take the new key of the account: the one from before stays.'
    setting.report({ type: 'tls_renewal_failed', data: { names, reason } })
  }
  return await openClient(setting, { key, url }, outbound)
}

/** For an account that the authority says it does not know: made anew with its key by the next `openAccount`. */
export async function forgetUrl(sealed: Sealed): Promise<void> {
  const kept = (await sealed.read('account')) as KeptAccount | undefined
  if (kept !== undefined) await sealed.write('account', { key: kept.key, url: undefined, directory: kept.directory })
}

async function register({ client }: OpenClient, { contact }: AcmeSetting): Promise<void> {
  await client.createAccount({
    termsOfServiceAgreed: true,
    ...(contact.length > 0 && { contact: contact.map((address) => `mailto:${address}`) }),
  })
}

/** Whether the account belongs to the next key from now on; also where an earlier attempt broke off after the authority had agreed. */
async function changeKey(
  setting: AcmeSetting,
  { key, url, next }: { readonly key: string; readonly url: string; readonly next: string },
  outbound: Outbound,
): Promise<boolean> {
  const [before, after] = [
    await openClient(setting, { key, url }, outbound),
    await openClient(setting, { key: next, url: undefined }, outbound),
  ]
  try {
    await before.replaceKey(after, url)
    return true
  } catch {
    return await after.isAccount(url)
  }
}
