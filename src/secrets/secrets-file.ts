/**
 * Secrets in a file that may stand in the repository: each sealed on a line of its own, with its name bound in, so that what two people
 * changed merges like any other text, and a value that was moved to another name opens for nobody (CWE-312, CWE-353).
 * Sources: OWASP Secrets Management Cheat Sheet; NIST SP 800-38D. The idea of a sealed file beside the code: Rails' credentials.
 */
import { parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import { checkName, SecretsError, type SecretSource } from './source.ts'

/** The file as it was read; each change gives another one, and leaves all other lines as they are. */
export interface SecretsFile {
  readonly names: readonly string[]
  /** `undefined` where there is none of that name. Throws SecretsError for a line that no key opens. */
  get(name: string): Secret | undefined
  set(name: string, value: Secret | string): SecretsFile
  remove(name: string): SecretsFile
  /** Every line that another key sealed, sealed anew with the current one. */
  rotate(): SecretsFile
  /** How many lines were not sealed by the current key. */
  readonly older: number
  /** What is to be written: lines in the order of their names. */
  readonly text: string
}

const PURPOSE = 'secrets/file'
const HEAD = '# Secrets, sealed: change them with "holdfast secrets". One line each; lines may be merged.'
const LONGEST_VALUE = 65_536

/** Reads the text of a file; of a file that is not there give the empty text. Throws SecretsError, naming the line. */
export function readSecretsFile(text: string, key: string | Secret | KeyRing): SecretsFile {
  const ring = typeof key === 'string' || key instanceof Secret ? parseKeyring(key) : key
  const lines = new Map<string, string>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    if (/^(?:<{7}|={7}|>{7}|\|{7})/.test(line))
      throw new SecretsError(`Line ${index + 1} is a mark of a merge that was not finished. Keep one line for each name.`)
    const [name, sealed, ...more] = line.trim().split(' ')
    if (sealed === undefined || more.length > 0) throw new SecretsError(`Line ${index + 1} is not "NAME sealed".`)
    if (lines.has(checkName(name!)))
      throw new SecretsError(`Line ${index + 1} gives ${name!} a second time, as after a merge. Keep the one that counts.`)
    lines.set(name!, sealed)
  }
  return fileOf(lines, ring)
}

/** The file as a source. */
export function fileSecrets(path: string, file: Pick<SecretsFile, 'get'>): SecretSource {
  return { name: path, get: async (name) => file.get(checkName(name)) }
}

function fileOf(lines: ReadonlyMap<string, string>, ring: KeyRing): SecretsFile {
  const names = [...lines.keys()].toSorted()
  const isOlder = (sealed: string) => !sealed.startsWith(`${ring.current}.`)
  const seal = (name: string, value: string) => ring.seal(PURPOSE, value, [name])

  function get(name: string): Secret | undefined {
    const sealed = lines.get(name)
    if (sealed === undefined) return undefined
    const opened = ring.open(PURPOSE, sealed, [name])
    if (opened.ok) return new Secret(opened.plaintext.toString())
    throw new SecretsError(
      opened.reason === 'unknown-key'
        ? `${name} was sealed by a key that is not in HOLDFAST_SECRETS_KEY. Add that key after the current one.`
        : `${name} cannot be opened: its line was changed, or belongs to another name. Take it from the history of the file.`,
    )
  }

  return {
    names,
    get,
    set(name, value) {
      const plain = value instanceof Secret ? value.reveal() : value
      if (plain === '' || plain.length > LONGEST_VALUE)
        throw new SecretsError(`${name} has ${plain.length} characters. Give 1 to ${LONGEST_VALUE}.`)
      if (lines.has(name) && get(name)!.equals(plain)) return this // the same line: nothing to merge
      return fileOf(new Map([...lines, [checkName(name), seal(name, plain)]]), ring)
    },
    remove: (name) => fileOf(new Map([...lines].filter(([other]) => other !== name)), ring),
    rotate: () =>
      fileOf(
        new Map([...lines].map(([name, sealed]) => [name, isOlder(sealed) ? seal(name, get(name)!.reveal()) : sealed])),
        ring,
      ),
    older: [...lines.values()].filter(isOlder).length,
    text: [HEAD, ...names.map((name) => `${name} ${lines.get(name)!}`), ''].join('\n'),
  }
}
