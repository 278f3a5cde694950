/** What a browser brought back from an authenticator, as a form or a program sends it: JSON in the field `response`, or the object itself. */
import type { BroughtBack } from '../accounts/types.ts'
import type { Exchange } from '../engine/exchange.ts'
import { Body } from '../engine/facts.ts'

const LONGEST = 32_768

/** `undefined` for what is no JSON, or longer than any answer. Accounts look at the rest. */
export function broughtBack(x: Exchange): BroughtBack {
  const value = x.get(Body)?.value
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'response')) return undefined
  const sent: unknown = Reflect.get(value, 'response')
  if (typeof sent !== 'string') return sent
  if (sent.length > LONGEST) return undefined
  try {
    return JSON.parse(sent) as unknown
  } catch {
    return undefined
  }
}
