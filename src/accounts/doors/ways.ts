/** THE LIST of ways in, line by line: what each is, and why an invariant says nothing there. See `matrix.ts`. */
import type { Way } from './matrix.ts'

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
    ...{ name: 'provider', door: 'provider', web: 'provider', proofs: ['fed', 'mfa'], sends: ['notice'] },
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
    ...{ name: 'refresh', web: 'tokens', proofs: [], sends: ['notice'] },
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
    ...{ name: 'change-address', door: 'changeAddress', web: 'changeAddress', proofs: [] },
    sends: ['change-address', 'address-wanted', 'notice'],
    what: 'Another address, by the link of a letter to it.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It is how an address becomes verified, and is bound to the one that it replaces.',
    },
  },
  {
    ...{ name: 'undo-address', door: 'changeAddress', web: 'undoAddress', proofs: [], sends: ['notice'] },
    what: 'The address from before once more, by the link of a letter to it.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      unverified: 'It brings back the address that was verified before, whatever stands there now.',
    },
  },
  {
    ...{ name: 'keep-account', web: 'keepAccount', proofs: [], sends: ['deletion'] },
    what: 'An account that is to be deleted stays, by the link of the letter that told of it.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
      disabled: 'Nobody can come in while the deletion waits; that is what it ends.',
      unverified: 'It lets nobody in, and nobody is signed in who could change the address meanwhile.',
    },
  },
  {
    ...{ name: 'not-me', door: 'notMe', web: 'notMe', proofs: [], sends: ['notice'] },
    what: 'The owner says of a notice that it was somebody else: all that is open ends.',
    not: {
      ...{ locked: NO_GUESS, throttled: NOT_COUNTED, parity: NOBODY_NAMED, fixation: NO_SESSION },
    },
  },
  {
    ...{ name: 'break-glass', door: 'breakGlass', web: 'breakGlass', proofs: ['bgl'] },
    sends: ['break-glass-opened', 'approval-asked'],
    what: 'The sealed account: what was in the envelope, once.',
    not: {
      ...{ locked: NO_GUESS, parity: NOBODY_NAMED, unverified: 'It has no address; it is for the day on which mail is down.' },
      expired: 'It lies in the envelope for years; who runs the application is told when it was not tried for one.',
      'second-factor': 'It has no second factor; two parts, or a second person, are what stands in for it.',
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
