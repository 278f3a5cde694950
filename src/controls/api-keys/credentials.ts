/**
 * The credentials in an `Authorization` field, as far as they can be an API key. Bounded, and one way to read each.
 * Sources: RFC 9110 §11.4 (scheme, token68), RFC 6750 §2.1 (Bearer), RFC 7617 §2 (Basic; the first colon ends the name).
 */

import { KEY_PREFIX } from '../../accounts/index.ts'

/** What was sent. `id` is the user name of Basic, which must be empty, name the key, or be the key where there is no password. */
export interface Credentials {
  readonly scheme: 'bearer' | 'basic'
  readonly text: string
  readonly id: string
}

const LONGEST = 1024
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/
const NOTHING = { text: '', id: '' }

/** `undefined` for a scheme that is neither; a field of ours that cannot be read is a credential that is none: it has no text. */
export function readCredentials(field: string): Credentials | undefined {
  const space = field.indexOf(' ')
  const name = (space < 0 ? field : field.slice(0, space)).toLowerCase()
  const scheme = name === 'bearer' || name === 'basic' ? name : undefined
  if (scheme === undefined) return undefined
  const value = space < 0 ? '' : field.slice(space + 1).trim()
  if (field.length > LONGEST || !TOKEN68.test(value)) return { scheme, ...NOTHING }
  return scheme === 'bearer' ? { scheme, text: value, id: '' } : { scheme, ...readBasic(value) }
}

function readBasic(value: string): Pick<Credentials, 'text' | 'id'> {
  const bytes = Buffer.from(value, 'base64')
  // What Node decodes leniently, another reader may decode otherwise.
  if (bytes.toString('base64').replace(/=+$/, '') !== value.replace(/=+$/, '')) return NOTHING
  const pair = bytes.toString('latin1')
  const colon = pair.indexOf(':')
  if (colon < 0) return NOTHING
  const [id, text] = [pair.slice(0, colon), pair.slice(colon + 1)]
  // Programs that know a name alone put the key there.
  return text === '' && id.startsWith(KEY_PREFIX) ? { id: '', text: id } : { id, text }
}
