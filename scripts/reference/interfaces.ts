/**
 * Reads the options out of the source: the members of an exported interface, each with its comment.
 *
 * It relies on how the formatter writes an interface (a member begins after two spaces) and on the house's rule that each option is
 * documented. What does not look like that fails, so that no option is left out in silence.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Member {
  readonly name: string
  readonly optional: boolean
  /** As written: `readonly string[]`. */
  readonly type: string
  /** The comment without `@default`, on one line. */
  readonly what: string
  /** What stands after `@default`. */
  readonly default: string | undefined
}

const root = join(import.meta.dirname, '../..')

/** The members of `export interface <name>` in a file of the repository. Throws for an interface or a comment that is not there. */
export function readInterface(file: string, name: string): Member[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const first = lines.findIndex((line) => line.startsWith(`export interface ${name} `))
  if (first < 0) throw new Error(`${file} has no interface ${name}.`)
  const opening = lines.indexOf(
    lines.slice(first).find((line) => line.endsWith('{') || line.endsWith('{}'))!,
    first,
  )
  const members: Member[] = []
  let comment: string[] = []
  for (const line of lines.slice(opening + 1)) {
    if (line === '}') return members
    if (/^ {2}(?:\/\*\*| \*)/.test(line)) comment.push(line)
    else if (/^ {2}\S/.test(line)) {
      members.push(readMember(`${file} ${name}`, line, comment.join('\n')))
      comment = []
    }
  }
  throw new Error(`${file}: the interface ${name} has no end.`)
}

function readMember(where: string, line: string, comment: string): Member {
  const match = /^ {2}readonly (\w+)(\?)?: (.+)$/.exec(line)
  if (!match) throw new Error(`${where}: cannot read the member ${JSON.stringify(line)}.`)
  const [, name = '', mark, type = ''] = match
  const text = unwrap(comment)
  const at = text.indexOf('@default')
  const what = (at < 0 ? text : text.slice(0, at)).trim()
  if (what === '' && at < 0) throw new Error(`${where}.${name} has no comment.`)
  const value = at < 0 ? undefined : text.slice(at + '@default'.length).trim()
  const optional = mark === '?' || value !== undefined
  return { name, optional, type: type.replace('(string & {})', 'string'), what, default: value }
}

/** The text of a comment, on one line. */
function unwrap(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*/, '')
    .replace(/\*\/\s*$/, '')
    .replaceAll(/^\s*\* ?/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
