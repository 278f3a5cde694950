/** The command in this process: words in, what it printed out, and with `--json` that as a value. */
import { Secret } from '../../src/crypto/secret.ts'
import type { Io } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { run, type Answer } from '../../src/cli/run.ts'

export interface CommandSetting extends Partial<Pick<Io, 'print' | 'goesOn'>> {
  readonly environment: Readonly<Record<string, string>>
  /** What is typed where a password is asked for. */
  readonly password?: string
  /** @default Date.now */
  readonly now?: () => number
}

export interface CommandAnswer extends Answer {
  /** What stands on standard output, with `--json`; whoever reads it says its shape by what they assert. */
  readonly json: any
}

/** Runs `holdfast` with these words, in one text or one by one. */
export async function holdfastCommand(words: string | readonly string[], setting: CommandSetting): Promise<CommandAnswer> {
  const { password = 'crimson kettle orbit lagoon', ...given } = setting
  const list = typeof words === 'string' ? words.split(' ') : words
  const io: Io = { now: Date.now, warn: () => {}, readPassword: async () => new Secret(password), ...given }
  const answer = await run(commands, list, io)
  return { ...answer, json: list.includes('--json') ? JSON.parse(answer.out) : undefined }
}
