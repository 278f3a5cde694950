/** What other systems mix into passwords and do not store with them. Whoever moves users from there gives it here. */
import type { Secret } from '../../secret.ts'

export interface ImportedSecrets {
  /** `SECURITY_PASSWORD_SALT` of the Flask application: without it hashes of Flask-Security cannot be verified. */
  readonly flaskSecuritySalt?: string | Secret
  /** "Password hash parameters" of the Firebase project, as its console shows them. */
  readonly firebase?: FirebaseParameters
}

export interface FirebaseParameters {
  /** Base64. */
  readonly signerKey: string | Secret
  /** Base64. */
  readonly saltSeparator: string
  /** 1 to 16. */
  readonly rounds: number
  /** Memory as a power of two, 1 to 17. */
  readonly memCost: number
}

/** What is wrong with the secrets, as a sentence that shows none of them; `undefined` when nothing is. */
export function secretsProblem({ flaskSecuritySalt, firebase }: ImportedSecrets): string | undefined {
  if (flaskSecuritySalt === '') return 'flaskSecuritySalt is empty. Give SECURITY_PASSWORD_SALT of the Flask application.'
  if (firebase === undefined) return undefined
  const { rounds, memCost } = firebase
  if (!isWhole(rounds, 16)) return `firebase.rounds is ${rounds}. Give a whole number from 1 to 16.`
  if (!isWhole(memCost, 17)) return `firebase.memCost is ${memCost}. Give a whole number from 1 to 17.`
  return undefined
}

function isWhole(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}
