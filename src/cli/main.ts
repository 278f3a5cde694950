#!/usr/bin/env node
/** The command `holdfast`. Run `holdfast help`. */
import process from 'node:process'
import { operatorOf } from './operator.ts'
import { commands } from './commands/index.ts'
import { readPassword } from './password-input.ts'
import { run } from './run.ts'

/** Back to the beginning of the line, and nothing on it. */
const CLEARED = '\r\x1b[K'

// A reader that has seen enough (`| head`) went away: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const answer = await run(commands, process.argv.slice(2), {
  environment: process.env,
  now: Date.now,
  operator: operatorOf(process.env),
  warn: (text) => void process.stderr.write(`${text}\n`),
  ...(process.stderr.isTTY && { progress: (text: string) => void process.stderr.write(`${CLEARED}${text}`) }),
  print: (text) => void process.stdout.write(`${text}\n`),
  readPassword: () => readPassword(process.stdin, (text) => void process.stderr.write(text)),
})
if (process.stderr.isTTY) process.stderr.write(CLEARED)
if (answer.out !== '') process.stdout.write(`${answer.out}\n`)
if (answer.error !== '') process.stderr.write(`${answer.error}\n`)
process.exitCode = answer.code
