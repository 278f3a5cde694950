/**
 * Puts down that the owner of an account must hear of something, in the transaction of what happened: so it cannot be told without having
 * happened, nor happen without being told. The letters are written from here by `notices.ts`, also for what the command did, which has
 * no mail. Sources: OWASP ASVS 5.0 6.3.5 and 6.3.7; NIST SP 800-63B-4 section 4.6.
 */
import type { AccountsTransaction } from '../schema.ts'

/** What is told, and in which words. A new one is a line here; which change tells which stands in `fan-out.ts`. */
export const NOTICES = {
  'password-set': 'Your password was changed, and you were signed out everywhere else.',
  'password-recovered': 'Your password was replaced by the link of a letter, and you were signed out everywhere.',
  'password-void': 'Your password was made void, because somebody else may know it. Choose another one by "forgot password".',
  unusual: 'Something unusual was seen with your account, and is being looked into. If you know nothing of it, follow the link.',
  'factor-enrolled': 'A second factor was added to your account.',
  'factor-removed': 'A second factor was taken away from your account.',
  'factors-reset': 'All second factors were taken away from your account.',
  'recovery-code-used': 'A recovery code was used in place of your second factor.',
  'address-changed': 'The address of mail of your account was changed. From now on letters go to the new one.',
  'address-asked': 'Somebody who is signed in to your account asked to change its address of mail. Nothing is changed yet.',
  'key-created': 'An API key was made, with which programs act for you.',
  'new-device': 'Somebody signed in to your account from a browser or a network that was not used for it before.',
  'identity-linked': 'An account of another provider was linked to yours. Whoever has it can sign in as you.',
  'identity-unlinked': 'A way to sign in by another provider was taken away from your account.',
  'token-reused':
    'An app was signed out of your account: a token that it had used up was used again, so somebody may have a copy. If you use it, sign in with it again.',
  'remember-reused': 'A cookie that keeps you signed in was used a second time: somebody may have a copy. It is void now.',
  'added-removed':
    'What was added to your account lately was taken away, because you said that it was not you: passkeys, second factors or other ways to sign in.',
  'factor-kept':
    'A second factor that was added to your account lately is still there, because it is the only one. If it is not yours, ask for its removal on the page of lost factors.',
  'not-me': 'All sessions of your account were ended, and its password is void, by the link of a letter like this.',
} as const

export type Notice = keyof typeof NOTICES

/** `address`: where it goes in place of the verified address at the time of writing. */
export interface Noted {
  readonly userId: string
  readonly about: Notice
  readonly address?: string | undefined
  readonly now: number
}

/** Puts one down. */
export async function note(tx: AccountsTransaction, { userId, about, address = '', now }: Noted): Promise<void> {
  await tx
    .insertInto('hf_notices')
    .values({ user_id: userId, about, address, created_at: now })
    .onConflict((conflict) => conflict.columns(['user_id', 'about', 'address', 'created_at']).doNothing())
    .execute()
}
