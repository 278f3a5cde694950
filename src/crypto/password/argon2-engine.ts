/**
 * The computation of Argon2id itself, by whichever implementation is there: `@node-rs/argon2` when the application has it
 * installed, else the one in Node. Both run on libuv's threads and give the same bytes; the first is more than twice as fast
 * (12 to 16 ms against 32 to 39 ms of one core for 19 MiB and two passes), so what costs an attacker the same costs us half.
 * Source: RFC 9106.
 */
import { argon2 } from 'node:crypto'

/** What a hash costs. */
export interface Argon2Parameters {
  /** KiB of memory. */
  readonly memory: number
  /** How often the memory is gone over. */
  readonly passes: number
  /** Lanes. One: a server has other requests for its other cores. */
  readonly parallelism: number
}

export interface Argon2Input {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** A key that is not stored with the hash (a pepper). */
  readonly secret?: Uint8Array | undefined
  readonly parameters: Argon2Parameters
  /** Bytes to give. */
  readonly length: number
}

/** Gives the Argon2id (version 19) of the input, off the main thread. */
export type Argon2Engine = (input: Argon2Input) => Promise<Uint8Array>

type NodeRs = Pick<typeof import('@node-rs/argon2'), 'hashRaw'>

/** Node's own Argon2id. */
export const nodeArgon2: Argon2Engine = ({ password, salt, secret, parameters, length }) =>
  new Promise((resolve, reject) => {
    const { memory, passes, parallelism } = parameters
    argon2(
      'argon2id',
      { message: password, nonce: salt, ...(secret && { secret }), memory, passes, parallelism, tagLength: length },
      (error, hash) => (error ? reject(error) : resolve(hash)),
    )
  })

/** The Argon2id of `@node-rs/argon2`. */
export function nodeRsArgon2({ hashRaw }: NodeRs): Argon2Engine {
  return ({ password, salt, secret, parameters, length }) =>
    hashRaw(password, {
      algorithm: 2, // Argon2id; the default version is 19
      memoryCost: parameters.memory,
      timeCost: parameters.passes,
      parallelism: parameters.parallelism,
      outputLen: length,
      salt,
      ...(secret && { secret }),
    })
}

/**
 * The fastest implementation at hand. One that is installed but does not load, or computes something else than Node does, is not
 * used and `warn` is told: hashes must never depend on which one made them.
 */
export async function loadArgon2(
  warn: (message: string) => void,
  load: () => Promise<NodeRs> = () => import('@node-rs/argon2'),
): Promise<Argon2Engine> {
  let engine: Argon2Engine
  try {
    engine = nodeRsArgon2(await load())
  } catch (error) {
    if (!isNotInstalled(error))
      warn(
        '@node-rs/argon2 is installed but does not load, so passwords are hashed by Node, at half the speed. Reinstall it for this platform.',
      )
    return nodeArgon2
  }
  if (await givesKnownAnswer(engine)) return engine
  warn('@node-rs/argon2 gives wrong results, so passwords are hashed by Node. Install a version that works on this platform.')
  return nodeArgon2
}

function isNotInstalled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}

async function givesKnownAnswer(engine: Argon2Engine): Promise<boolean> {
  const input: Argon2Input = {
    password: Buffer.from('password'),
    salt: Buffer.from('somesalt'),
    secret: Buffer.from('pepper'),
    parameters: { memory: 64, passes: 1, parallelism: 1 },
    length: 32,
  }
  try {
    return Buffer.from(await engine(input)).equals(await nodeArgon2(input))
  } catch {
    return false
  }
}
