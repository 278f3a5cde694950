/**
 * Hashing and verifying passwords, a bounded number at a time, with the same work for accounts that exist and those that do not.
 * Source: OWASP Password Storage and Authentication Cheat Sheets, NIST SP 800-63B-4 section 3.1.1.2, CWE-916, CWE-208, CWE-204.
 */
import { availableParallelism } from 'node:os'
import { reveal, type Secret } from '../secret.ts'
import type { PasswordSetting, Pepper, Recipe, Work } from './algorithm.ts'
import { preferred, readStored } from './algorithms.ts'
import { loadArgon2, type Argon2Engine, type Argon2Parameters } from './argon2-engine.ts'
import { areBounded, areStrong, OWASP_PARAMETERS } from './argon2id.ts'
import { secretsProblem, type ImportedSecrets } from './foreign/secrets.ts'
import { hasBcrypt, runTask } from './foreign/thread.ts'
import { UNREADABLE, whyUnreadable, type Unreadable } from './foreign/why.ts'
import { normalisePassword, type Normalised } from './normalise.ts'
import { createWorkQueue, type QueueLoad } from './work-queue.ts'
import { wrap } from './wrapped.ts'

export { HasherBusy } from './work-queue.ts'

export interface HasherOptions {
  /** Computations at a time. @default `defaultConcurrency()` */
  readonly concurrency?: number
  /** How many may wait for their turn. @default 64 */
  readonly queue?: number
  /** Milliseconds after which waiting was in vain. @default 5000 */
  readonly maximumWait?: number
  /** What a hash costs; refused when less than OWASP's choices. @default 19 MiB, two passes, one lane */
  readonly parameters?: Argon2Parameters
  /** Lesser parameters, for tests. `warn` is told. */
  readonly insecureParameters?: Argon2Parameters
  /** Keys kept apart from the database; without them a stolen database cannot even be guessed at. Losing them loses all passwords. */
  readonly pepper?: Pepper
  /** What other systems kept outside of the databases that users were imported from. @default nothing */
  readonly imported?: ImportedSecrets
  /** Told what an operator should know: never a password or a hash. @default nothing */
  readonly warn?: (message: string) => void
  /** Told of each computation as it begins. @default nothing */
  readonly onWork?: (work: Work) => void
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number
  /** Computes Argon2id. @default the fastest one installed */
  readonly engine?: Argon2Engine
}

export interface Verification {
  readonly ok: boolean
  /** The password is right and its hash was made with other parameters or another key than today's: hash it again and store that. */
  readonly rehash: boolean
}

/** What a stored hash is, without a password. */
export type Inspection =
  /** `own`: made by us. `weak`: a stolen database of these is quick to guess. `scheme`: format and cost, for people. */
  | { readonly ok: true; readonly scheme: string; readonly weak: boolean; readonly own: boolean }
  | { readonly ok: false; readonly reason: Unreadable }

/** Every method but `resemble` and `load` rejects with `HasherBusy` when too much is waiting. */
export interface Hasher {
  /** A new hash to store. Throws for an empty password, one over 256 code points or with lone surrogates: `checkPassword` says so first. */
  readonly hash: (password: string | Secret) => Promise<string>
  /** Whether the password is the one of this stored hash. A hash that cannot be read is a no after the same work, and `warn` is told. */
  readonly verify: (password: string | Secret, stored: string) => Promise<Verification>
  /** The work of `verify` for an account that does not exist or has no password, so that the time does not tell. */
  readonly verifyNothing: (password: string | Secret) => Promise<void>
  /** What a stored hash is, for importing and for reports. */
  readonly inspect: (stored: string) => Promise<Inspection>
  /** Argon2id over the hash of another system; `undefined` for our own, and for what cannot be read. */
  readonly wrap: (stored: string) => Promise<string | undefined>
  /** From now on every verification costs as much as one of this imported hash besides, so that the time does not tell whose is old;
   * `undefined`: there are none any more. */
  readonly resemble: (stored: string | undefined) => Promise<void>
  /** How many passwords are being looked at, and how many wait. */
  readonly load: () => QueueLoad
}

const REFUSED: Verification = { ok: false, rehash: false }

export function createHasher(options: HasherOptions = {}): Hasher {
  const { warn = () => {}, onWork = () => {}, now = () => performance.now() } = options
  const parameters = checkedParameters(options, warn)
  const queue = createWorkQueue({
    concurrency: whole('concurrency', options.concurrency ?? defaultConcurrency(), 1),
    queue: whole('queue', options.queue ?? 64, 0),
    maximumWait: whole('maximumWait', options.maximumWait ?? 5000, 1),
    now,
  })
  if (options.pepper !== undefined && options.pepper.subkey('password-pepper', options.pepper.current) === undefined)
    throw new Error(
      'The pepper has no key of the id it names as current, so passwords would be stored without it. Give the key ring itself.',
    )
  const { imported = {} } = options
  const problem = secretsProblem(imported)
  if (problem !== undefined) throw new RangeError(`passwords.imported.${problem}`)
  const said = new Set<Unreadable>()
  let loading: Promise<PasswordSetting> | undefined
  let decoy: Recipe | undefined

  function setting(): Promise<PasswordSetting> {
    loading ??= Promise.resolve(options.engine ?? loadArgon2(warn)).then((engine) => ({
      engine,
      parameters,
      pepper: options.pepper,
      imported,
      runTask,
      bcrypt: hasBcrypt(),
      onWork,
    }))
    return loading
  }

  /** Takes its turn, and erases the bytes of the password afterwards. */
  function withBytes<T>(
    texts: readonly string[],
    work: (forms: readonly Uint8Array[], setting: PasswordSetting) => Promise<T>,
  ): Promise<T> {
    return queue.run(async () => {
      const forms = texts.map((text) => Buffer.from(text))
      try {
        return await work(forms, await setting())
      } finally {
        for (const bytes of forms) bytes.fill(0)
      }
    })
  }

  /** The work of one hash of ours, and of an old one while there are some. */
  async function workForNothing(forms: readonly Uint8Array[], current: PasswordSetting): Promise<void> {
    for (const bytes of forms) {
      await preferred.workForNothing(bytes, current)
      await decoy?.digests(bytes)
    }
  }

  async function verifyForms(forms: readonly Uint8Array[], stored: string, current: PasswordSetting): Promise<Verification> {
    const known = readStored(stored, current)
    if (known === undefined) {
      complain(whyUnreadable(stored, current))
      await workForNothing(forms, current)
      return REFUSED
    }
    decoy ??= known.recipe
    let ok = false
    for (const bytes of forms) {
      if (await known.matches(bytes)) ok = true
      // One hash of ours and one of theirs, whichever it is.
      if (known.recipe === undefined) await decoy?.digests(bytes)
      else if (!stored.startsWith('$hf-wrap$')) await preferred.workForNothing(bytes, current)
    }
    return { ok, rehash: ok && !known.current }
  }

  /** Once for each reason: sign-ins are many. */
  function complain(reason: Unreadable): void {
    if (said.has(reason)) return
    said.add(reason)
    warn(`A stored password hash was refused: ${UNREADABLE[reason]} Its user must reset the password.`)
  }

  return {
    load: queue.load,
    async hash(password) {
      const normalised = normalisePassword(reveal(password))
      if (!normalised.ok || normalised.length === 0)
        throw new RangeError('A password to hash has 1 to 256 code points and no lone surrogates. Call checkPassword first.')
      return withBytes([normalised.text], ([bytes], current) => preferred.hash(bytes!, current))
    },
    async verify(password, stored) {
      const typed = reveal(password)
      const normalised = normalisePassword(typed)
      if (!normalised.ok) return REFUSED // no work here, and none in verifyNothing
      return withBytes(formsOf(typed, normalised), (forms, current) => verifyForms(forms, stored, current))
    },
    async verifyNothing(password) {
      const typed = reveal(password)
      const normalised = normalisePassword(typed)
      if (normalised.ok) await withBytes(formsOf(typed, normalised), workForNothing)
    },
    async inspect(stored) {
      const current = await setting()
      const known = readStored(stored, current)
      if (known === undefined) return { ok: false, reason: whyUnreadable(stored, current) }
      const { recipe } = known
      if (recipe === undefined) return { ok: true, scheme: 'argon2id', weak: false, own: true }
      const wrapped = stored.startsWith('$hf-wrap$')
      return {
        ok: true,
        scheme: wrapped ? `wrapped ${recipe.scheme}` : recipe.scheme,
        weak: recipe.weak && !wrapped,
        own: wrapped,
      }
    },
    wrap: (stored) => queue.run(async () => await wrap(stored, await setting())),
    async resemble(stored) {
      decoy = stored === undefined ? undefined : (readStored(stored, await setting())?.recipe ?? decoy)
    },
  }
}

/** Ours, and as it was typed: other systems hashed that. Both are always tried, so that their number depends on the password alone. */
function formsOf(typed: string, { text }: Extract<Normalised, { readonly ok: true }>): readonly string[] {
  return text === typed ? [text] : [text, typed]
}

/**
 * How many hashes at a time leave room for the rest: one core stays with the main thread, and half of libuv's threads with files,
 * name look-ups and the like, which wait behind hashes otherwise.
 */
export function defaultConcurrency(
  cores: number = availableParallelism(),
  poolThreads: number = Number(process.env['UV_THREADPOOL_SIZE']) || 4,
): number {
  return Math.max(1, Math.min(cores - 1, Math.floor(poolThreads / 2)))
}

function checkedParameters(
  { parameters = OWASP_PARAMETERS, insecureParameters }: HasherOptions,
  warn: (message: string) => void,
): Argon2Parameters {
  const chosen = insecureParameters ?? parameters
  if (!areBounded(chosen))
    throw new RangeError(
      'Argon2id takes whole numbers: memory up to 262144 KiB and at least 8 per lane, passes up to 16, parallelism up to 8, memory × passes up to 1048576.',
    )
  if (areStrong(chosen)) return chosen
  if (insecureParameters === undefined)
    throw new RangeError(
      `Argon2id with ${chosen.memory} KiB and ${chosen.passes} passes is weaker than OWASP's choices. Use at least 19456 KiB and 2 passes.`,
    )
  warn('Passwords are hashed with insecureParameters: a stolen database is quick to guess. Only tests should do this.')
  return chosen
}

function whole(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= 1_000_000) return value
  throw new RangeError(`The hasher's ${name} is a whole number of at least ${least}, got ${value}.`)
}
