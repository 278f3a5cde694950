/** Finds what a response is aimed at, or says why it cannot be meant. */
import { contains, network, parseAddress, parseNetwork, type Network } from '../../http/ip.ts'
import type { Subject } from '../detected.ts'
import type { Levers, Person } from './levers.ts'
import { no, type Asked, type Refused } from './response.ts'

/** The user of a subject: themselves, or whose session, API key or app it is. */
export async function userOf(subject: Subject | undefined, levers: Levers): Promise<Person | Refused> {
  const id = await userIdOf(subject, levers)
  const person = id === undefined ? undefined : await levers.person(id)
  return person ?? no('subject-unknown', `There is no user behind ${subject?.kind ?? 'nothing'} ${subject?.value ?? ''}.`)
}

async function userIdOf(subject: Subject | undefined, levers: Levers): Promise<string | undefined> {
  if (subject?.kind === 'user') return subject.value
  if (subject?.kind === 'session' || subject?.kind === 'api-key' || subject?.kind === 'app')
    return await levers.ownerOf(subject.kind, subject.value)
  return undefined
}

/** How limits name the client of an address: an IPv4 address, or an IPv6 /64. */
export function clientNetwork(text: string): string | undefined {
  const address = parseAddress(text)
  if (address) return address.family === 4 ? address.text : network(address, 64)
  const given = parseNetwork(text)
  if (given === undefined) return undefined
  if (given.family === 4) return given.bits === 32 ? given.text.slice(0, -3) : undefined
  return given.bits === 64 ? given.text : undefined
}

/** The address block that is meant, if it may be blocked at all. */
export function blockable(asked: Asked, levers: Levers, narrowest: Readonly<Record<4 | 6, number>>): Network | Refused {
  const value = asked.subject?.value ?? ''
  const wanted = parseNetwork(asked.subject?.kind === 'client' ? (clientNetwork(value) ?? '') : value)
  if (wanted === undefined) return no('subject-unfit', `"${value.slice(0, 60)}" is no address that can be blocked.`)
  if (wanted.bits < narrowest[wanted.family])
    return no('too-wide', `${wanted.text} is too wide: at most a /${narrowest[wanted.family]} is blocked.`)
  const why = levers.neverBlocked(wanted.text)
  return why === undefined ? wanted : no('never-blocked', `${wanted.text} is never blocked: ${why}.`)
}

/** Whether two networks share an address. */
export function overlap(one: Network, other: Network): boolean {
  const [wide, narrow] = one.bits <= other.bits ? [one, other] : [other, one]
  const first = parseAddress(narrow.text.split('/')[0]!)
  return first !== undefined && contains(wide, first)
}

/** A whole number of a setting; its default where nothing is said. */
export function numberSetting(asked: Asked, name: string, usual: number, least: number, most: number): number | Refused {
  const text = asked.settings[name]
  if (text === undefined) return usual
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  return no('setting-invalid', `${name} is "${text.slice(0, 20)}". Give a whole number from ${least} to ${most}.`)
}

/** A yes or no of a setting. */
export function yesSetting(asked: Asked, name: string, usual: boolean): boolean | Refused {
  const text = asked.settings[name]
  if (text === undefined) return usual
  if (text === 'yes' || text === 'no') return text === 'yes'
  return no('setting-invalid', `${name} is "${text.slice(0, 20)}". Write yes or no.`)
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false
}

/** `1 session`, `3 sessions`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`
}
