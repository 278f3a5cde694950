/** Help, printed from the list of commands: it cannot say anything that is not so. */
import { describeSettings } from '../settings/settings.ts'
import { COMMON, usageOf } from './arguments.ts'
import type { Command, Option } from './command.ts'

const WIDTH = 34

/** Every verb, the common options and the settings. */
export function overview(commands: readonly Command[]): string {
  return [
    'Usage: holdfast COMMAND [ACTION] [OPTIONS]',
    '',
    ...commands.map(({ name, what }) => row(name, what)),
    row('help [COMMAND]', 'Say how a command is used'),
    '',
    'Options of every command:',
    ...optionRows(COMMON),
    '',
    'Settings, from the environment:',
    describeSettings(),
    '',
    'Exit codes: 0 done, 1 findings (on standard output) or refused (on standard error), 2 wrong usage, 3 could not complete.',
  ].join('\n')
}

/** One verb with its actions. */
export function helpOf(command: Command): string {
  const lines = command.actions.flatMap((action) => [
    `  ${usageOf(command, action)}`,
    `      ${action.what}`,
    ...optionRows(action.options ?? {}).map((line) => `    ${line}`),
  ])
  const more = command.more === undefined ? [] : ['', command.more]
  return [`${command.what}.`, '', ...lines, ...more, '', 'Also:', ...optionRows(COMMON)].join('\n')
}

function optionRows(options: Readonly<Record<string, Option>>): string[] {
  return Object.entries(options).map(([name, { short, value, what }]) =>
    row(`${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`, what),
  )
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(WIDTH - 2)}${right}`
}
