/**
 * How much each way of proving is worth: whether it can open a sign-in, whether it can be the second step, and what both make
 * together. The one table; the gate and the sessions ask it.
 * Sources: NIST SP 800-63B-4 sections 2.2 and 3.2.2; RFC 8176 (`pwd`, `otp`, `hwk`, `mfa`; the others are ours, RFC 8176 section 2 allows it).
 */
import type { Proof } from './types.ts'

interface Strength {
  /** It can be the first step. */
  readonly first: boolean
  /** It can be the second one, beside a first of another kind. */
  readonly second: boolean
  /** It is both at once. */
  readonly alone?: true
  /** It opens the gate as a second step does, and raises no session: `require({ aal: 2 })` asks again. */
  readonly admits?: true
}

const METHODS: Readonly<Record<string, Strength>> = {
  pwd: { first: true, second: false },
  // A code or a link in a mailbox: the weakest second step, and none beside a first step in the same mailbox.
  email: { first: true, second: true },
  // Another provider says who it is (OpenID Connect, OAuth 2).
  fed: { first: true, second: false },
  // A browser that was told to remember somebody.
  rmb: { first: true, second: false },
  // A code of an app, or of the paper.
  otp: { first: false, second: true },
  // A security key or passkey that was touched; with `mfa` it also knew its owner, by PIN or body (user verification).
  hwk: { first: true, second: true },
  mfa: { first: true, second: true, alone: true },
  // What was in the envelope of the sealed account: there is nothing else that it could be asked for.
  bgl: { first: true, second: true, alone: true },
  // A browser from which the second step was given before.
  tdv: { first: false, second: true, admits: true },
}

/** What a browser does by itself: it shows nothing of who sits before it. */
const WITHOUT_A_PERSON: readonly string[] = ['rmb', 'tdv']

/** What nobody knows proves only that somebody has it. */
const UNKNOWN: Strength = { first: false, second: true }

function strengthOf({ amr }: Proof): Strength {
  return Object.hasOwn(METHODS, amr) ? METHODS[amr]! : UNKNOWN
}

/** Whether it can be the second step, so that somebody who has a second factor proves with it who they are. */
export function isSecondStep(proof: Proof): boolean {
  const { second, admits } = strengthOf(proof)
  return second && admits === undefined
}

/** Whether these proofs together are a first and a second step, in the eyes of the gate. */
export function areTwoSteps(proofs: readonly Proof[]): boolean {
  return (
    aalOf(proofs) === 2 || (proofs.some((proof) => strengthOf(proof).first) && proofs.some((proof) => strengthOf(proof).admits))
  )
}

/** The authenticator assurance level of these proofs together: 1 or 2. */
export function aalOf(proofs: readonly Proof[]): number {
  const raising = proofs.filter((proof) => strengthOf(proof).admits === undefined)
  if (raising.some((proof) => strengthOf(proof).alone)) return 2
  const two = raising.some(
    (one) => strengthOf(one).first && raising.some((other) => other.amr !== one.amr && strengthOf(other).second),
  )
  return two ? 2 : 1
}

/** When somebody last proved who they are; 0 when only their browser did. A cookie is no recent proof: `within` asks anew. */
export function latestProof(proofs: readonly Proof[]): number {
  return proofs.reduce((latest, { amr, at }) => (WITHOUT_A_PERSON.includes(amr) ? latest : Math.max(latest, at)), 0)
}
