/** What a verb of the command is: data to print help from, and actions that return what to say instead of saying it. */
import type { Secret } from '../crypto/secret.ts'

/** 0: done. 1: findings, or refused. 2: wrong usage. 3: could not complete. */
export type ExitCode = 0 | 1 | 2 | 3

/** The outside of the process, so that tests can be another one. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  /** Who sits at the terminal, as the system knows them: two of them are two persons. */
  readonly operator?: string
  /** For people: prompts and warnings. */
  warn(text: string): void
  /** How far it is, on a line that is written over; only where somebody is looking. */
  progress?(text: string): void
  /** One line of standard output at once, for what goes on and on. */
  print?(text: string): void
  /** Whether it does. @default until the process is stopped */
  goesOn?(): boolean
  /** A password: asked for without showing it, or one line of standard input. Refuses with a Refusal. */
  readPassword(): Promise<Secret>
}

/** One action with its values, as an action sees it. */
export interface Call {
  /** The values after the action, as many as it names. */
  readonly args: readonly string[]
  readonly option: (name: string) => string | undefined
  readonly flag: (name: string) => boolean
  readonly list: (name: string) => readonly string[] | undefined
  readonly io: Io
}

/** Said once for people and once for programs (`--json`). */
export interface Outcome {
  /**
   * `done`: what was asked for. `found`: that as well, and what was looked at is not as it should be. Both are results, and stand on
   * standard output. `refused`: it was asked for rightly, and nothing was done, for a reason; said on standard error.
   */
  readonly kind: 'done' | 'found' | 'refused'
  readonly text: string
  readonly json: unknown
}

/** One option: how it is read and how help prints it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: true
  readonly short?: string
  /** What stands for the value in help: `NAME`. */
  readonly value?: string
  readonly what: string
}

/** One thing a verb can do. */
export interface Action {
  /** Empty for a verb that is one action. */
  readonly name: string
  /** Names of values; in brackets what may be left out: `['LOGIN', '[SESSION]']`. */
  readonly args: readonly string[]
  readonly what: string
  readonly options?: Readonly<Record<string, Option>>
  run(call: Call): Promise<Outcome>
}

/** A verb: what stands after `holdfast`. */
export interface Command {
  readonly name: string
  readonly what: string
  /** A few lines more, for `holdfast help NAME`. */
  readonly more?: string
  readonly actions: readonly Action[]
}

/** Ends a verb early: said in one or two lines, without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ExitCode

  constructor(code: ExitCode, message: string) {
    super(message)
    this.code = code
  }
}

/** It was done; exit code 0. */
export function done(text: string, json: unknown): Outcome {
  return { kind: 'done', text, json }
}

/** It was looked at, and something is wrong with it; exit code 1. */
export function found(text: string, json: unknown): Outcome {
  return { kind: 'found', text, json }
}

/** What looking at something came to: done where all of it is well, found where it is not. */
export function verdict(well: boolean, text: string, json: unknown): Outcome {
  return well ? done(text, json) : found(text, json)
}

/** It was asked for rightly and refused for a reason; exit code 1. `more` is told to programs beside it. */
export function refused(reason: string, text: string, more: object = {}): Outcome {
  return { kind: 'refused', text, json: { error: { reason, message: text }, ...more } }
}
