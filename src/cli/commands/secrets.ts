/** `holdfast secrets`: the file of sealed secrets, which may stand in the repository. No value is ever an argument. */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { parseKeyring } from '../../crypto/keyring.ts'
import { Secret } from '../../crypto/secret.ts'
import { readSecretsFile, type SecretsFile } from '../../secrets/secrets-file.ts'
import { environmentSecrets, SecretsError } from '../../secrets/source.ts'
import { done, refused, Refusal, type Action, type Call, type Command, type Option, type Outcome } from '../command.ts'
import { edited } from '../editor.ts'
import { shown } from '../arguments.ts'

const FILE = 'holdfast.secrets'
const OPTIONS: Readonly<Record<string, Option>> = {
  file: { type: 'string', value: 'PATH', what: `The file [HOLDFAST_SECRETS, else ${FILE}]` },
}

export const secrets: Command = {
  name: 'secrets',
  what: 'Keep secrets in a sealed file, which may stand in the repository',
  more: [
    'The key that opens it is HOLDFAST_SECRETS_KEY, or in a file that HOLDFAST_SECRETS_KEY_FILE names: never in the repository.',
    'To begin: holdfast keys generate. To rotate: the new key before the old one, with a comma between; then secrets rotate.',
  ].join('\n'),
  actions: [
    action('list', [], 'Say the names, and nothing of the values', async ({ file }) => {
      return done(file.names.join('\n'), { names: file.names, older: file.older })
    }),
    action('get', ['NAME'], 'Print one value', async ({ file }, { args }) => {
      const value = file.get(args[0]!)
      return value
        ? done(value.reveal(), { name: args[0], value: value.reveal() })
        : refused('unknown', `There is no ${shown(args[0]!)}.`)
    }),
    action(
      'set',
      ['NAME'],
      'Set one value: it is asked for, or one line of standard input',
      async ({ file, write }, { args, io }) => {
        const value = await io.readPassword()
        // One line was read: of a key in PEM the rest would be missing, and nobody would know before it is used.
        if (/^-----BEGIN [^-]+-----$/.test(value.reveal().trim()))
          return refused('several-lines', 'That is the first line of a text of several. Put it in with "holdfast secrets edit".')
        write(file.set(args[0]!, value))
        return done(`${args[0]!} is set.`, { name: args[0] })
      },
    ),
    action('remove', ['NAME'], 'Take one out', async ({ file, write }, { args }) => {
      if (!file.names.includes(args[0]!)) return refused('unknown', `There is no ${shown(args[0]!)}.`)
      write(file.remove(args[0]!))
      return done(`${args[0]!} is out.`, { name: args[0] })
    }),
    action(
      'edit',
      [],
      'Open all of them in $EDITOR, as a file that nobody else can read and that is deleted after',
      async (open, call) => {
        const { file, write } = open
        const before = JSON.stringify(Object.fromEntries(file.names.map((name) => [name, file.get(name)!.reveal()])), null, 2)
        const after = readEdited(await edited(`${before}\n`, call.io.environment))
        const kept = file.names.filter((name) => !Object.hasOwn(after, name)).reduce((left, name) => left.remove(name), file)
        write(Object.entries(after).reduce((left, [name, value]) => left.set(name, value), kept))
        return done('Saved.', { names: Object.keys(after).toSorted() })
      },
    ),
    action('rotate', [], 'Seal anew what older keys of HOLDFAST_SECRETS_KEY have sealed', async ({ file, write }) => {
      write(file.rotate())
      return done(`${file.older} sealed anew.`, { done: file.older })
    }),
  ],
}

interface Opened {
  readonly file: SecretsFile
  /** Whole or not at all, and only in the place of what was read. */
  write(file: SecretsFile): void
}

function action(
  name: string,
  args: readonly string[],
  what: string,
  work: (opened: Opened, call: Call) => Promise<Outcome>,
): Action {
  return {
    ...{ name, args, what, options: OPTIONS },
    async run(call) {
      try {
        return await work(await open(call), call)
      } catch (error) {
        if (error instanceof SecretsError) throw new Refusal(3, error.message)
        throw error
      }
    },
  }
}

async function open(call: Call): Promise<Opened> {
  const { environment } = call.io
  const path = call.option('file') ?? (environment['HOLDFAST_SECRETS']?.trim() || FILE)
  const key = await environmentSecrets(environment).get('HOLDFAST_SECRETS_KEY')
  if (key === undefined)
    throw new Refusal(3, 'The key of the secrets is not known here. Set HOLDFAST_SECRETS_KEY, or HOLDFAST_SECRETS_KEY_FILE.')
  const read = () => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const before = read()
  return {
    file: readSecretsFile(before, ring(key)),
    write({ text }) {
      const next = `${path}.next`
      if (text === before) return
      try {
        writeFileSync(next, text, { flag: 'wx', flush: true })
      } catch (cause) {
        const { code = 'unknown' } = cause as NodeJS.ErrnoException
        if (code !== 'EEXIST') rmSync(next, { force: true }) // half of it: the disk is full
        throw new Refusal(3, `${next} cannot be made (${code}). If EEXIST: somebody else is about it, or broke off.`)
      }
      if (read() !== before) {
        rmSync(next)
        throw new Refusal(1, `${path} was changed meanwhile. Nothing was written.`)
      }
      chmodSync(next, 0o644) // sealed: it is to be read by whoever has the repository
      renameSync(next, path)
    },
  }
}

function ring(key: Secret) {
  try {
    return parseKeyring(key)
  } catch (error) {
    throw new Refusal(3, `HOLDFAST_SECRETS_KEY: ${(error as Error).message}`)
  }
}

/** An object of texts; anything else is refused without repeating any of it. */
function readEdited(text: string): Readonly<Record<string, string>> {
  const wrong = (why: string) => new Refusal(1, `What was saved ${why}. Nothing was changed.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong('is not JSON') // no cause: its message repeats the text
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is not an object of names and values')
  if (Object.values(value).some((one) => typeof one !== 'string' || one === ''))
    throw wrong('has a value that is empty or no text')
  return value as Record<string, string>
}
