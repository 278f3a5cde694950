/** Nonsense to every command: a refusal that says what was meant, exit code 2, and never a stack. Nothing is opened for it. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../test/support/command.ts'
import { usageOf } from './arguments.ts'
import type { Action, Command } from './command.ts'
import { commands } from './commands/index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-words-'))
const data = join(root, 'never-made')
after(() => rmSync(root, { recursive: true }))

const holdfast = (words: readonly string[]) => holdfastCommand(words, { environment: { HOLDFAST_DATA: data } })

async function assertRefused(words: readonly string[], message: RegExp): Promise<void> {
  const said = words.join(' ')
  const { code, out, error } = await holdfast(words)
  assert.deepEqual([code, out], [2, ''], `${said}: ${error}`)
  assert.match(error, /^holdfast: /, said)
  assert.match(error, message, said)
  assert.ok(error.split('\n').length <= 3 && !/\n\s+at /.test(error), said)
  const { json } = await holdfast([...words, '--json'])
  assert.equal(json.error.reason, 'usage', said)
  assert.ok(!existsSync(data), `${said} opened something`)
}

const wordsOf = (command: Command, action: Action) => [command.name, action.name].filter((word) => word !== '')
const required = ({ args }: Action) => args.filter((name) => !name.startsWith('['))
const whole = (command: Command, action: Action) => [...wordsOf(command, action), ...required(action).map(() => 'word')]
const actions = commands.flatMap((command) => command.actions.map((action) => ({ command, action })))

describe('nonsense', { timeout: 60_000 }, () => {
  for (const { command, action } of actions) {
    it(`is refused by ${usageOf(command, action)}: an option that is not known, one word too many or too few, an option without its value`, async () => {
      await assertRefused([...whole(command, action), '--frobnicate'], /has no option "--frobnicate"/)
      const all = [...wordsOf(command, action), ...action.args.map(() => 'word')]
      await assertRefused([...all, 'superfluous'], /one word too many\. Usage: holdfast /)
      if (required(action).length > 0)
        await assertRefused(whole(command, action).slice(0, -1), /is missing\. Usage: holdfast |Say what to do with/)
      for (const [name, { type }] of Object.entries(action.options ?? {})) {
        if (type === 'string') await assertRefused([...whole(command, action), `--${name}`], /needs a value: --/)
        else await assertRefused([...whole(command, action), `--${name}=word`], /takes no value/)
      }
    })
  }

  for (const command of commands.filter(({ actions: [first] }) => first!.name !== '')) {
    it(`is refused by ${command.name}: no action, and one that is not there`, async () => {
      await assertRefused([command.name], new RegExp(`Say what to do with ${command.name}: `))
      await assertRefused([command.name, 'frobnicate'], /cannot "frobnicate"\. (?:Known: |Did you mean )/)
    })
  }

  it('is refused where one option took the next for its value, or stands twice', async () => {
    await assertRefused(
      ['users', 'list', '--limit', '--data', root],
      /--limit needs a value: --limit \S+\. One that begins with a hyphen/,
    )
    await assertRefused(['users', 'list', '--limit', '1', '--limit', '2'], /--limit is given twice/)
  })

  it('is refused by help, and where a command should stand', async () => {
    await assertRefused(['frobnicate'], /There is no command "frobnicate"/)
    await assertRefused(['help', 'frobnicate'], /There is no command "frobnicate"/)
    await assertRefused(['help', 'users', 'superfluous', 'more'], /one word too many/)
    await assertRefused(['--frobnicate'], /There is no command "--frobnicate"/)
  })
})
