/** Where an application gets its secrets from: one question, whoever answers it; and several places that are asked one after the other. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../crypto/secret.ts'
import { readSecretText, whyUnread } from './secret-text.ts'

export interface SecretSource {
  /** What it is, for messages: `environment`. */
  readonly name: string
  /** The secret, or `undefined` where it has none of that name. Rejects when it cannot be asked. */
  get(name: string): Promise<Secret | undefined>
}

/** What went wrong at a source of secrets. Its message never holds one. */
export class SecretsError extends Error {
  override readonly name = 'SecretsError'
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/

/** Refuses a name that could lead elsewhere: into another folder, or to another line. */
export function checkName(name: string): string {
  if (NAME.test(name) && !name.includes('..')) return name
  throw new SecretsError(
    `A secret's name has 1 to 128 letters, digits, "_", "-" or ".", a letter first, got ${JSON.stringify(name.slice(0, 40))}.`,
  )
}

/** `NAME`, or the file that `NAME_FILE` names. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    name: 'environment',
    async get(name) {
      const [direct, file] = [environment[checkName(name)]?.trim(), environment[`${name}_FILE`]?.trim()]
      if (direct && file) throw new SecretsError(`${name} and ${name}_FILE are both set. Keep one of them.`)
      if (direct) return new Secret(direct)
      return file ? new Secret(readText(file, `${name}_FILE`)) : undefined
    },
  }
}

/** A folder with one file a secret, as Docker (`/run/secrets`) and Kubernetes mount it. Read anew each time: a mount changes. */
export function mountedSecrets(folder: string): SecretSource {
  return {
    name: folder,
    async get(name) {
      // Listed and not tried: a folder that is not there is a mistake, and a secret that is not there is none.
      const there = list(folder).includes(checkName(name))
      return there ? new Secret(readText(join(folder, name), name)) : undefined
    },
  }
}

/** Asks one after the other; the first that has it counts. Rejects as soon as one cannot be asked: the next may hold an older one. */
export function firstOf(...sources: readonly SecretSource[]): SecretSource {
  return {
    name: sources.map(({ name }) => name).join(', '),
    async get(name) {
      for (const source of sources) {
        const found = await source.get(name)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** The secret; rejects where no source has it. */
export async function needSecret(source: SecretSource, name: string): Promise<Secret> {
  const found = await source.get(name)
  if (found !== undefined && found.reveal() !== '') return found
  throw new SecretsError(`There is no secret ${name} in ${source.name}. Put it there, or ask for the name that it has.`)
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new SecretsError(`The folder of secrets ${folder} cannot be read. Check the path and its permissions.`, { cause })
  }
}

function readText(file: string, what: string): string {
  try {
    return readSecretText(file)
  } catch (cause) {
    const why = `${what} is kept in ${JSON.stringify(file)}, which ${whyUnread(cause)}.`
    throw new SecretsError(`${why} Check the path, its permissions, and what is in it.`, { cause })
  }
}
