/** Asks a rule and keeps what each part of it answered: which rule decided, for the log, the command and the page that shows it. */
import type { Principal } from '../facts.ts'
import type { Moment, Rule } from './rule.ts'

/** One rule with its answer. */
export interface Explained {
  /** The name of a question; `all of`, `any of`, `not`. */
  readonly rule: string
  readonly result: boolean
  /** Names of the questions that made it so: for a no of `all of` the first that failed, for a yes all of them. */
  readonly by: readonly string[]
  /** Its parts that were asked; the rest did not matter any more. */
  readonly parts: readonly Explained[]
}

interface Asking<Resource> {
  readonly principal: Principal | null
  readonly resource: Resource
  readonly moment: Moment
  /** Proofs to take for given: would they change it? */
  readonly given?: ReadonlySet<'stronger' | 'recent'>
}

/** Asks, from left to right, and no further than it has to. */
export function explain<Resource>(rule: Rule<Resource>, asking: Asking<Resource>): Explained {
  if (rule.kind === 'question') {
    const taken = rule.proof !== undefined && asking.given?.has(rule.proof) === true && asking.principal !== null
    const result = taken || rule.ask(asking.principal, asking.resource, asking.moment)
    return { rule: rule.name, result, by: [result ? rule.name : `not ${rule.name}`], parts: [] }
  }
  if (rule.kind === 'not') {
    const part = explain(rule.rule, asking)
    return { rule: 'not', result: !part.result, by: part.by, parts: [part] }
  }
  const ends = rule.kind === 'any'
  const parts: Explained[] = []
  for (const one of rule.rules) {
    const part = explain(one, asking)
    parts.push(part)
    if (part.result === ends) return { rule: `${rule.kind} of`, result: ends, by: part.by, parts }
  }
  return { rule: `${rule.kind} of`, result: !ends, by: parts.flatMap(({ by }) => by), parts }
}

/** As lines of text, indented, with a mark before each. */
export function describeExplained({ rule, result, parts }: Explained, depth = 0): string[] {
  const line = `${'  '.repeat(depth)}${result ? '+' : '-'} ${rule}`
  return [line, ...parts.flatMap((part) => describeExplained(part, depth + 1))]
}
