/**
 * What each way in is, and which of the invariants of all ways do not apply to it, and why not. It is data: the registry test tries every
 * cell that has no reason here, and `holdfast doors` and the reference print it. A door that is not here fails the test, so that a new one
 * cannot forget a guard. Sources: OWASP ASVS 5.0 6.3.4 (all ways in have the same guards); L01, L02, L05; CVE-2024-47000, CVE-2026-9798.
 */
import type { LetterName } from '../letters/index.ts'
import type { Accounts } from '../types.ts'

/** THE LIST of what must hold at every way in: name, and what it says. */
export const INVARIANTS = {
  locked: 'After the wrong guesses that an account allows, the right one is refused as well.',
  throttled: 'Whoever fails again and again from one network is told to wait, whatever they try.',
  disabled: 'An account that was disabled in the meantime gets nothing.',
  deleted: 'An account that is gone gets nothing, and no error of ours.',
  unverified: 'An address that is not verified any more lets nobody in; who must verify theirs reaches nothing else.',
  expired: 'After its time it is void, at the moment of use.',
  'second-factor': 'Where the account has a second factor, there is no session without it.',
  parity: 'With an account and without: the same bytes, fields, queries, hashes and letters.',
  fixation: 'A session that was in the browser before is dead afterwards.',
  'single-use': 'Of twenty at once, one gets through.',
  event: 'It is told to the log, once and by its own name.',
  origin: 'A page of another site cannot do it.',
  secrets: 'What opens it stands in no event, no fault, no header but the cookie, and no table.',
} as const

export type Invariant = keyof typeof INVARIANTS

export type AccountsDoorName = keyof Accounts['doors']

/** One way in, or one step of it. */
export interface Way {
  readonly name: string
  readonly what: string
  /** The door of accounts behind it; absent where none of them is. */
  readonly door?: AccountsDoorName
  /** The door of the web in front of it, by its name; absent where the request itself brings what opens it. */
  readonly web?: string
  /** What a session remembers of it (RFC 8176, or our own word); empty where it opens none. */
  readonly proofs: readonly string[]
  /** The letters that belong to it. */
  readonly sends: readonly LetterName[]
  /** Why an invariant says nothing here. What is not named is held, and tried. */
  readonly not: Readonly<Partial<Record<Invariant, string>>>
}

const NO_GUESS = 'Nobody guesses what opens it, and strangers must not be able to keep the owner out.'
const NO_PASSWORD = 'The lock is of the password. It must not keep out the owner who comes by another way.'
const NOT_COUNTED =
  'Random text of 256 bits, or a signature: the limits of requests hold it, failures need no count of their own.'
const NO_SESSION = 'It opens no session.'
const NOBODY_NAMED = 'Who asks names nobody; everything that does not fit gets one answer.'
const NO_ACCOUNT_YET = 'There is no account before it.'
const NO_MAIL = 'It does not rest on an address, and what it leads to asks for the verification.'
const WHO_CARRIES = 'It is used as often as its bearer likes, until it ends.'
const BY_HEADER = 'A field of the request that no browser adds by itself.'
const GIVEN_BEFORE = 'It was given to somebody who had passed the gate with all that it takes.'
const EACH_REQUEST = 'It is sent with each request; what works is not told, failures are.'

/** THE LIST of ways. A new door is a line here, and a driver in `test/doors/drivers/`. */
export const ways: readonly Way[] = [
  {
    ...{ name: 'password', door: 'password', web: 'password', proofs: ['pwd'], sends: ['unlock'] },
    what: 'Name and password.',
    not: {
      expired: 'A password has no end unless the application asks for one; then "new-password" follows.',
      'single-use': 'It is good until there is another one.',
    },
  },
  {
    ...{ name: 'again', door: 'password', web: 'again', proofs: ['pwd'], sends: [] },
    what: 'Who is signed in gives the password once more.',
    not: {
      ...{ unverified: NO_MAIL, parity: 'Who asks is signed in, and names nobody.' },
      'single-use': 'It is good until there is another one.',
    },
  },
  {
    ...{ name: 'second-factor', door: 'secondFactor', web: 'factor', proofs: ['otp', 'kba'], sends: [] },
    what: 'The second step: a code of an authenticator app, or a recovery code.',
    not: {
      ...{ 'second-factor': 'It is the second factor.', parity: NOBODY_NAMED },
      fixation:
        'Whoever has a session proves for that one: with a planted one the step fails. The first step ended what was there.',
    },
  },
  {
    ...{ name: 'email-factor', door: 'secondFactor', web: 'emailFactor', proofs: ['email'], sends: ['factor-code'] },
    what: 'The second step: a code in a letter.',
    not: {
      ...{ 'second-factor': 'It is the second factor.', parity: NOBODY_NAMED },
      fixation: 'It strengthens a session that is there, whose token "second-factor" shows to be replaced.',
    },
  },
  {
    ...{ name: 'passkey', door: 'passkey', web: 'passkey', proofs: ['hwk', 'swk'], sends: [] },
    what: 'A passkey, alone.',
    not: { locked: NO_PASSWORD, parity: NOBODY_NAMED, 'second-factor': 'A passkey that knew its owner is both factors.' },
  },
  {
    ...{ name: 'passkey-factor', door: 'secondFactor', web: 'passkeyFactor', proofs: ['hwk', 'swk'], sends: [] },
    what: 'The second step: a passkey or security key.',
    not: { 'second-factor': 'It is the second factor.', parity: NOBODY_NAMED, unverified: NO_MAIL },
  },
  {
    ...{ name: 'magic-link', door: 'magicLink', web: 'magicLink', proofs: ['email'], sends: ['magic-link'] },
    what: 'A link in a letter, opened in the browser that asked for it.',
    not: { locked: NO_PASSWORD },
  },
  {
    ...{ name: 'email-code', door: 'emailCode', web: 'emailCode', proofs: ['email'], sends: ['email-code'] },
    what: 'A code in a letter, typed into the browser that asked for it.',
    not: {},
  },
  {
    ...{ name: 'provider', door: 'provider', web: 'provider', proofs: ['fed', 'mfa'], sends: ['identity-linked'] },
    what: 'What another provider says of who it is (OpenID Connect, OAuth 2).',
    not: {
      ...{
        throttled: 'What is wrong is refused before anybody is looked up; the limits of requests hold it.',
        parity: NOBODY_NAMED,
      },
      origin: 'The answer comes from another site as a link does; it must belong to a question of this browser, once.',
    },
  },
  {
    ...{ name: 'remember', door: 'remember', web: 'remember', proofs: ['rmb'], sends: ['notice'] },
    what: 'A browser in which somebody ticked the box to stay signed in.',
    not: { locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED },
  },
  {
    ...{ name: 'new-password', door: 'newPassword', web: 'newPassword', proofs: [], sends: ['notice'] },
    what: 'Another password, behind one that was right and has had its time.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      ...{ unverified: NO_MAIL },
    },
  },
  {
    ...{ name: 'recovery', door: 'recovery', web: 'recovery', proofs: [], sends: ['recover', 'notice'] },
    what: 'A new password by a link in a letter.',
    not: { locked: NO_PASSWORD, fixation: NO_SESSION },
  },
  {
    ...{ name: 'lost-factor', door: 'lostFactor', web: 'lostFactor', proofs: [] },
    sends: ['delayed-recovery', 'remove-factors', 'notice'],
    what: 'The slow way for who lost the second factor: its last link removes the factor.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      expired: 'Until it is used, cancelled by its owner, or its asker proves the factor; letters tell of it each day.',
    },
  },
  {
    ...{ name: 'unlock', door: 'unlock', web: 'unlock', proofs: [], sends: ['unlock'] },
    what: 'The end of a lock, by the link of the letter that told of it.',
    not: { locked: 'It ends the lock.', throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
  },
  {
    ...{ name: 'flask-session', door: 'flaskSession', web: 'insecureFlaskSession', proofs: ['rmb'], sends: [] },
    what: 'A session that an application on Flask opened, while one moves from it.',
    not: { locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED },
  },
  {
    ...{ name: 'sign-out', web: 'out', proofs: [], sends: [] },
    what: 'The way out.',
    not: {
      ...{ locked: 'The way out.', throttled: 'The way out.', disabled: 'The way out.', deleted: 'The way out.' },
      ...{ unverified: 'The way out.', expired: 'The way out.', 'second-factor': 'The way out.', parity: NOBODY_NAMED },
      ...{ fixation: 'It ends the session.', 'single-use': 'Twice out is out.' },
    },
  },
  {
    ...{ name: 'set-up', web: 'setUp', proofs: ['pwd'], sends: [] },
    what: 'The first administrator, by the code that the server printed.',
    not: {
      ...{ locked: NO_ACCOUNT_YET, disabled: NO_ACCOUNT_YET, deleted: NO_ACCOUNT_YET, unverified: NO_MAIL },
      ...{ 'second-factor': NO_ACCOUNT_YET, parity: NO_ACCOUNT_YET, fixation: 'There is no user, so no session to plant.' },
    },
  },
  {
    ...{ name: 'tokens', web: 'tokens', proofs: [], sends: [] },
    what: 'Tokens for an app, by somebody who is signed in.',
    not: {
      ...{ locked: NO_GUESS, throttled: 'A session opens it.', unverified: NO_MAIL, 'second-factor': GIVEN_BEFORE },
      ...{ parity: NOBODY_NAMED, fixation: 'The session goes on beside the app.', 'single-use': WHO_CARRIES },
    },
  },
  {
    ...{ name: 'refresh', web: 'tokens', proofs: [], sends: ['token-reuse'] },
    what: 'New tokens for an app, by its refresh token.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, unverified: NO_MAIL, 'second-factor': GIVEN_BEFORE },
      ...{
        parity: NOBODY_NAMED,
        fixation: NO_SESSION,
        event: 'An app renews by itself every few minutes; only failures are told.',
      },
      origin: 'It is in the body, which no other page knows, and no cookie is looked at.',
    },
  },
  {
    ...{ name: 'sign-up', door: 'signUp', web: 'signUp', proofs: ['pwd'], sends: ['sign-up', 'already-have-account'] },
    what: 'A new account, by the link of a letter to its address.',
    not: {
      ...{ locked: NO_ACCOUNT_YET, disabled: NO_ACCOUNT_YET, deleted: NO_ACCOUNT_YET, 'second-factor': NO_ACCOUNT_YET },
      unverified: 'The link verifies the address.',
    },
  },
  {
    ...{ name: 'passkey-sign-up', door: 'signUp', web: 'passkeySignUp', proofs: ['hwk', 'swk'], sends: [] },
    what: 'The same with a passkey in place of a password.',
    not: {
      ...{ locked: NO_ACCOUNT_YET, disabled: NO_ACCOUNT_YET, deleted: NO_ACCOUNT_YET, 'second-factor': NO_ACCOUNT_YET },
      ...{ unverified: 'The link verifies the address.', parity: 'It is asked for as "sign-up" is.' },
    },
  },
  {
    ...{
      name: 'invitation',
      door: 'invitation',
      web: 'invitation',
      proofs: ['pwd'],
      sends: ['invitation', 'invitation-to-owner'],
    },
    what: 'A new account, by the link of an invitation.',
    not: {
      ...{ locked: NO_ACCOUNT_YET, disabled: NO_ACCOUNT_YET, deleted: NO_ACCOUNT_YET, 'second-factor': NO_ACCOUNT_YET },
      ...{ unverified: 'The link verifies the address.', parity: 'Somebody who may invite asks for it.' },
    },
  },
  {
    ...{ name: 'verify-address', door: 'verifyAddress', web: 'verifyAddress', proofs: [], sends: ['verify-address'] },
    what: 'Shows that somebody reads the mail of an address.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It is how an address becomes verified; one that was changed since does not.',
    },
  },
  {
    ...{ name: 'change-address', door: 'changeAddress', web: 'changeAddress', proofs: [], sends: ['change-address', 'notice'] },
    what: 'Gives the account of who asked another address, by the link of a letter to it.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It is how an address becomes verified; one that was changed since does not.',
    },
  },
  {
    ...{ name: 'undo-address', door: 'changeAddress', web: 'undoAddress', proofs: [], sends: [] },
    what: 'Takes a change of the address back, by the link of a letter to the one before.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It goes to the address before, which was.',
      disabled: 'Whoever had the address before may take it back; the account stays disabled.',
    },
  },
  {
    ...{ name: 'not-me', door: 'notMe', web: 'notMe', proofs: [], sends: [] },
    what: 'Closes the account to whoever is in it, by the link of a notice.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'Notices go to verified addresses; what they close may be closed all the same when it is no more.',
      disabled: 'It ends what is open, and opens nothing.',
    },
  },
  {
    ...{ name: 'keep-account', web: 'keepAccount', proofs: [], sends: ['deletion'] },
    what: 'Takes the deletion of an account back, by the link of a letter.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It lets nobody in: who keeps the account signs in.',
      disabled: 'It takes the deletion back; the account stays disabled.',
    },
  },
  {
    ...{ name: 'api-key', proofs: ['key'], sends: [] },
    what: 'A program, by an API key.',
    not: {
      ...{ locked: NO_GUESS, unverified: NO_MAIL, 'second-factor': GIVEN_BEFORE, fixation: NO_SESSION },
      ...{ 'single-use': WHO_CARRIES, event: EACH_REQUEST, origin: BY_HEADER },
    },
  },
  {
    ...{ name: 'basic', proofs: ['key'], sends: [] },
    what: 'The same key in the words of HTTP Basic; never a password.',
    not: {
      ...{ locked: NO_GUESS, unverified: NO_MAIL, 'second-factor': GIVEN_BEFORE, fixation: NO_SESSION },
      ...{ 'single-use': WHO_CARRIES, event: EACH_REQUEST },
    },
  },
  {
    ...{ name: 'access-token', proofs: [], sends: [] },
    what: 'An app, by its access token.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, 'second-factor': GIVEN_BEFORE, parity: NOBODY_NAMED },
      ...{ unverified: NO_MAIL, fixation: NO_SESSION, 'single-use': WHO_CARRIES, event: EACH_REQUEST, origin: BY_HEADER },
    },
  },
]

/** Whether the invariant is tried at this way. */
export function applies({ not }: Way, invariant: Invariant): boolean {
  return not[invariant] === undefined
}
