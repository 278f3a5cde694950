/** What the command needs to write letters that the application sends: its keys, its pages, and that it sends any. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AccountsSetting } from '../accounts/index.ts'
import { parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import { openDataFolder } from '../settings/data-folder.ts'
import { fingerprintsOf, recordedLetters, type RecordedLetters } from '../recorded/letters.ts'
import type { Settings } from '../settings/settings.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'
import { createOutbox } from '../store/outbox.ts'
import { Refusal } from './command.ts'

interface Where {
  readonly database: Database
  readonly once: AtomicStore
  readonly settings: Settings
  readonly now: () => number
}

/** Throws a Refusal that says what the application lacks, or that these are not its keys: nobody could open the letter. */
export async function lettersOf({
  database,
  once,
  settings,
  now,
}: Where): Promise<Pick<AccountsSetting, 'keys' | 'outbox' | 'linkTargets' | 'signUp'>> {
  const recorded = await recordedLetters(once, now())
  if (recorded === undefined || recorded.signUp.mode === 'closed') {
    throw new Refusal(
      1,
      `The application takes no invitations. Give it the options mail and signIn.signUp: 'invitation', and start it once.`,
    )
  }
  return written(recorded, { database, settings, now })
}

/** The same where the verb does its work without them, too: nothing where the application sends none, or where its keys are not here. */
export async function lettersWherePossible(where: Where): Promise<Partial<Awaited<ReturnType<typeof lettersOf>>>> {
  const recorded = await recordedLetters(where.once, where.now())
  if (recorded === undefined) return {}
  try {
    return written(recorded, where)
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}

function written(recorded: RecordedLetters, { database, settings, now }: Omit<Where, 'once'>) {
  const keys = keysOf(settings)
  const [own] = fingerprintsOf(keys) // of the current key, which seals
  if (!recorded.keys.includes(own!))
    throw new Refusal(
      1,
      'These are not the keys of the application, so it could not open the letter. Set HOLDFAST_KEYS as it has them.',
    )
  const outbox = createOutbox({ database, keys, random: randomToken, now })
  return { keys, outbox, linkTargets: recorded.targets, signUp: recorded.signUp }
}

function keysOf({ keys, data }: Settings): KeyRing {
  if (keys !== undefined) return parseKeyring(keys)
  // Asked for only where they are: the command makes none.
  if (existsSync(join(data, 'keys'))) return parseKeyring(openDataFolder(data).keys().keys)
  throw new Refusal(1, `There are no keys in ${data}. Set HOLDFAST_KEYS as the application has it.`)
}
