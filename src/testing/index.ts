/** For an application's own tests: start it in memory, sign in with one line, race, compare, and prove a policy. */
export { fakeClock, type FakeClock } from './clock.ts'
export type { Answer, Client, Sending } from './client.ts'
export { expectParity, type Counts, type Parity } from './parity.ts'
export { linkIn } from './mails.ts'
export type { MailMessage } from '../mail/message.ts'
export { race, expectOneWinner } from './race.ts'
export { someone, testPolicy, type PolicyRow } from './test-policy.ts'
export { startTesting, type SignedIn, type Testing, type TestingOptions } from './start.ts'
