/** Reads what Vault answers, strictly: what is no JSON, or of another shape, holds nothing. No message repeats any of it. */
import { SecretsError } from './source.ts'

export type Fields = Readonly<Record<string, unknown>>

export async function parse(answer: Response): Promise<Fields> {
  try {
    return fieldsOf(await answer.json())
  } catch {
    throw new SecretsError('Vault answered with something that is not JSON.') // no cause: it would hold what was answered
  }
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** What a status means, as its documentation says. */
export function refusalOf(status: number, what: string): SecretsError {
  return new SecretsError(`Vault answered ${status} to ${what}. ${whyOf(status)}`)
}

function whyOf(status: number): string {
  if (status === 400 || status === 403) return 'The token or the role may not read it, or has run out.'
  if (status >= 300 && status < 400) return 'It is a standby that leads to another: give the address of the one that is active.'
  if (status === 429) return 'It is asked too often, or is a standby.'
  if (status === 501 || status === 503) return 'It is sealed, being looked after, or not set up.'
  return 'See its log.'
}
