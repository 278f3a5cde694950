/**
 * Envelope encryption: a text is sealed with a key of its own, and that key is wrapped by a key management service that never gives its
 * master key away. So a key ring can lie in a file or a repository, and opens only where the service knows the caller.
 * Sources: NIST SP 800-57 part 1 section 6.2; OWASP Key Management Cheat Sheet.
 */
import { createSecretKey } from 'node:crypto'
import { frame } from '../crypto/frame.ts'
import { createRandom, type Random } from '../crypto/random.ts'
import { openBytes, sealBytes } from '../crypto/seal.ts'
import { reveal, Secret } from '../crypto/secret.ts'
import { SecretsError } from './source.ts'

/** What is needed of a service, as AWS KMS, Google Cloud KMS and Azure Key Vault offer it: a few lines over their own client. */
export interface KeyWrapper {
  /** Names the master key in what is stored: `[A-Za-z0-9:/_-]`, for the one who must find it again. */
  readonly id: string
  /** Encrypts 32 bytes. `context` is to be authenticated by the service, where it can. */
  wrap(key: Uint8Array, context: string): Promise<Uint8Array>
  /** Rejects when the service refuses, or the context is another. */
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array>
}

const MARK = 'hf-envelope-1'
const ID = /^[A-Za-z0-9:/_-]{1,256}$/
const BASE64URL = /^[A-Za-z0-9_-]+$/

/** `hf-envelope-1.id.wrapped.sealed`. `context` says what it is for, as `key-ring`; opening needs the same. */
export async function sealEnvelope(
  wrapper: KeyWrapper,
  text: string | Secret,
  context: string,
  random: Random = createRandom(),
): Promise<string> {
  if (!ID.test(wrapper.id)) throw new SecretsError(`A key wrapper's id has 1 to 256 letters, digits, ":", "/", "_" or "-".`)
  const key = random.bytes(32)
  try {
    const wrapped = Buffer.from(await wrapper.wrap(key, context)).toString('base64url')
    const bound = frame([MARK, wrapper.id, wrapped, context])
    return [MARK, wrapper.id, wrapped, sealBytes(createSecretKey(key), random.bytes(12), reveal(text), bound)].join('.')
  } finally {
    key.fill(0)
  }
}

/** What was sealed. Rejects with SecretsError for another master key, another context, or anything that was changed. */
export async function openEnvelope(wrapper: KeyWrapper, envelope: string, context: string): Promise<Secret> {
  const [mark, id, wrapped, sealed, ...more] = envelope.trim().split('.')
  if (mark !== MARK || id === undefined || !BASE64URL.test(wrapped ?? '') || sealed === undefined || more.length > 0)
    throw new SecretsError(`This is no envelope: it begins with "${MARK}." and has four parts.`)
  if (id !== wrapper.id)
    throw new SecretsError(`The envelope was made for the master key ${JSON.stringify(id.slice(0, 80))}, not for ${wrapper.id}.`)
  const key = Buffer.from(await unwrap(wrapper, wrapped!, context))
  if (key.length !== 32) throw new SecretsError('The service gave a key of another length.')
  const opened = openBytes(createSecretKey(key), sealed, frame([mark, id, wrapped!, context]))
  key.fill(0)
  if (typeof opened === 'string')
    throw new SecretsError('The envelope cannot be opened: it was changed, or is for something else.')
  return new Secret(opened.toString())
}

async function unwrap(wrapper: KeyWrapper, wrapped: string, context: string): Promise<Uint8Array> {
  try {
    return await wrapper.unwrap(Buffer.from(wrapped, 'base64url'), context)
  } catch (cause) {
    throw new SecretsError(`The service of ${wrapper.id} did not unwrap the key.`, { cause })
  }
}
