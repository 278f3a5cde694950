/**
 * Browsers in which somebody signed in before. Each holds a cookie for that account, and its failures count apart, so that strangers can
 * neither use up the owner's attempts nor guess with them. It opens nothing: it says whose count a guess is taken from.
 *
 * The text is a MAC over the account's mark, a random number and the time; nothing is stored. For another account, changed, or too old it
 * is as if there were none. It outlives a change of the password: who changes it because somebody guesses must not land among the guessers.
 * Source: OWASP "Slow Down Online Guessing Attacks with Device Cookies"; lesson L77; decision 26.
 */
import type { KeyRing } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'

/** The maker and reader of what a known browser holds. */
export interface KnownDevices {
  /** Milliseconds for which one is known; each sign-in begins anew. */
  readonly life: number
  /** For a browser in which the account of this mark was just signed in. */
  issue(mark: string): Secret
  /** The number of the browser, where this is what one of this account holds. */
  read(text: string | undefined, mark: string): string | undefined
}

interface Setting {
  readonly keys: Pick<KeyRing, 'sign' | 'verify'>
  readonly random: (bytes: number) => string
  readonly now: () => number
}

const PURPOSE = 'accounts/known-device'
const LIFE = 365 * 86_400_000
/** Issued, number, and the MAC with the id of its key. */
const FORM = /^(?<issued>[0-9a-z]{1,11})\.(?<device>[A-Za-z0-9_-]{22})\.(?<mac>[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]{43})$/

export function createKnownDevices({ keys, random, now }: Setting): KnownDevices {
  return {
    life: LIFE,
    issue(mark) {
      const [issued, device] = [now().toString(36), random(16)]
      return new Secret(`${issued}.${device}.${keys.sign(PURPOSE, [mark, device, issued])}`)
    },
    read(text, mark) {
      const parts = text === undefined ? undefined : FORM.exec(text)?.groups
      if (parts === undefined) return undefined
      const [issued, device, mac] = [parts['issued']!, parts['device']!, parts['mac']!]
      const age = now() - parseInt(issued, 36)
      return age < LIFE && keys.verify(PURPOSE, [mark, device, issued], mac).ok ? device : undefined
    },
  }
}
