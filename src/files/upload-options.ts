/** What an upload may hold. There is no default for what is dangerous: types, sizes and the web root are said, or nothing starts. */
import { lstatSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { checkInsecure, invalid, refuseUnknown, wholeNumber, type Insecure } from '../engine/options.ts'
import { readSize, type Size } from './bytes.ts'
import { isInside, realFolder } from './folder.ts'
import { FILE_TYPES, kindOf, type FileType } from './kinds.ts'

export interface FileRule {
  /** What is taken, by its bytes and by what the sender says. */
  readonly types: readonly FileType[]
  /** Of each file. */
  readonly maxSize: Size
  /** How many under this name. @default 1 */
  readonly max?: number
  /** Of what an archive holds, all together. Must be given when `types` has zip or gzip. */
  readonly maxUnpacked?: Size
}

export interface FieldRule {
  /** Characters. */
  readonly maxLength: number
  /** How many under this name. @default 1 */
  readonly max?: number
}

/** A file that came whole and is what it says, and that nobody else sees yet. */
export interface HeldFile {
  /** Name of the form's field. */
  readonly field: string
  /** Where it lies until it is accepted. */
  readonly path: string
  readonly type: FileType
  /** Bytes. */
  readonly size: number
  /** What the sender called it: cleaned, for people only. */
  readonly name: string
}

export interface UploadOptions<Files extends string, Fields extends string> {
  /** Files by the name of their field. */
  readonly files: Readonly<Record<Files, FileRule>>
  /** Other fields by name; what is not here is refused. @default {} */
  readonly fields?: Readonly<Record<Fields, FieldRule>>
  /** Where files are kept; made when it is not there. Must be on one file system. */
  readonly dir: string
  /** The folders that a web server hands out; `dir` must not lie in one of them. `false`: there are none. */
  readonly webRoot: string | readonly string[] | false
  /**
   * Looks at a file before anybody sees it. Not `true`: the whole upload is refused. A throw is a fault, and nothing is kept. `signal`
   * is aborted when it took too long. @default none
   */
  readonly scan?: (file: HeldFile, signal: AbortSignal) => Promise<boolean>
  /** Writes a fresh copy to `target`, and with it leaves out what is hidden in a picture. @default none */
  readonly reencode?: (file: HeldFile, target: string, signal: AbortSignal) => Promise<void>
  /** For each call of `scan` and of `reencode`; longer is a fault, and nothing is kept. @default '2m' */
  readonly hookTimeout?: Duration
  /** For the whole body. @default '10m' */
  readonly timeout?: Duration
  /** Between two pieces of it. @default '15s' */
  readonly idle?: Duration
  /** Takes SVG, which can hold script. Hand it out with `download` only. @default none */
  readonly insecureSvg?: Insecure
}

export interface Limit {
  readonly types: ReadonlySet<string>
  readonly maxSize: number
  readonly max: number
  readonly maxUnpacked: number
}

/** Which texts may come beside the files. Not a list of names: of rows in rows there would be more than memory holds. */
export interface TextRules {
  /** Of one name; nothing where none may come under it. */
  ruleOf(name: string): FieldRule | undefined
  /** Characters of the longest. */
  readonly longest: number
  /** How many there may be, and the characters of all of them. */
  readonly count: number
  readonly characters: number
}

/** The options, read once. */
export interface UploadPlan {
  readonly files: ReadonlyMap<string, Limit>
  readonly texts: TextRules
  readonly dir: string
  /** Inside of `dir`, so that a file becomes visible by a rename. */
  readonly held: string
  /** Bytes of the whole body. */
  readonly maxBody: number
  readonly parts: number
  /** Milliseconds. */
  readonly timeout: number
  readonly idle: number
  readonly hookTimeout: number
}

/** Bytes of the head of one part, beyond which nothing of it is kept. */
export const PART_HEAD = 8192
const NAMES = ['files', 'fields', 'dir', 'webRoot', 'scan', 'reencode', 'hookTimeout', 'timeout', 'idle', 'insecureSvg']
const NAME = /^[\w.[\]-]{1,100}$/
const DAY = 86_400_000

/** Throws HF_OPTION_INVALID and its kin for what is missing or cannot work. Makes the folder. */
export function readUpload(
  options: UploadOptions<string, string>,
  now: number,
  texts = readTexts(options?.fields ?? {}),
): UploadPlan {
  refuseUnknown('upload', options, NAMES)
  const { insecureSvg, timeout = '10m', idle = '15s', hookTimeout = '2m' } = options
  if (insecureSvg) checkInsecure('upload.insecureSvg', insecureSvg, now)
  const files = new Map(
    Object.entries(options.files ?? {}).map(([name, rule]) => [readName('files', name), readRule(name, rule, insecureSvg)]),
  )
  if (files.size === 0) invalid('upload.files', options.files, 'Name each file that may come, with types and maxSize.')
  return {
    files,
    texts,
    ...readFolders(options.dir, options.webRoot, now),
    ...bodyBounds([...files.values()], texts),
    timeout: milliseconds('upload.timeout', timeout),
    idle: milliseconds('upload.idle', idle),
    hookTimeout: milliseconds('upload.hookTimeout', hookTimeout),
  }
}

function readTexts(fields: Readonly<Record<string, FieldRule>>): TextRules {
  const rules = new Map(
    Object.entries(fields).map(([name, rule]): readonly [string, Required<FieldRule>] => {
      const maxLength = wholeNumber(`upload.fields.${name}.maxLength`, rule?.maxLength, 1, 1_000_000)
      return [readName('fields', name), { maxLength, max: wholeNumber(`upload.fields.${name}.max`, rule.max ?? 1, 1, 1000) }]
    }),
  )
  const all = [...rules.values()]
  return {
    ruleOf: (name) => rules.get(name),
    longest: Math.max(0, ...all.map(({ maxLength }) => maxLength)),
    count: all.reduce((sum, { max }) => sum + max, 0),
    characters: all.reduce((sum, { maxLength, max }) => sum + maxLength * max, 0),
  }
}

/** What follows for the whole body from what each part may be. */
export function bodyBounds(files: readonly Limit[], { count, characters }: TextRules): Pick<UploadPlan, 'maxBody' | 'parts'> {
  // One more: the token of the form.
  const parts = files.reduce((sum, { max }) => sum + max, 1) + count
  const content = files.reduce((sum, { max, maxSize }) => sum + max * maxSize, 0)
  return { maxBody: content + 4 * characters + (parts + 1) * (PART_HEAD + 256), parts }
}

function readName(group: string, name: string): string {
  return NAME.test(name) ? name : invalid(`upload.${group}`, name, 'Name fields with letters, digits, "_", ".", "-" or brackets.')
}

function readRule(name: string, rule: FileRule, insecureSvg: Insecure | undefined): Limit {
  const option = `upload.files.${name}`
  if (typeof rule !== 'object' || rule === null) return invalid(option, rule, `Give { types: ['image/png'], maxSize: '2 MiB' }.`)
  refuseUnknown(option, rule, ['types', 'maxSize', 'max', 'maxUnpacked'])
  const { types, maxSize, max = 1, maxUnpacked } = rule
  if (!Array.isArray(types) || types.length === 0)
    return invalid(`${option}.types`, types, `Name what is taken: ['image/png', 'image/jpeg'].`)
  for (const type of types as readonly string[]) {
    if (!FILE_TYPES.includes(type)) invalid(`${option}.types`, type, `There are ${FILE_TYPES.join(', ')}.`)
    if (type === 'image/svg+xml' && !insecureSvg)
      invalid(`${option}.types`, type, 'SVG can hold script. Leave it out, or give insecureSvg with a reason and a last day.')
    if (kindOf(type)?.packed && maxUnpacked === undefined)
      invalid(`${option}.maxUnpacked`, maxUnpacked, `Say how large the content of ${type} may be: '100 MiB'.`)
  }
  return {
    types: new Set(types),
    maxSize: readSize(`${option}.maxSize`, maxSize),
    max: wholeNumber(`${option}.max`, max, 1, 1000),
    maxUnpacked: maxUnpacked === undefined ? 0 : readSize(`${option}.maxUnpacked`, maxUnpacked),
  }
}

function readFolders(dir: string, webRoot: string | readonly string[] | false, now: number) {
  if (typeof dir !== 'string' || dir === '') return invalid('upload.dir', dir, `Name a folder: 'data/uploads'.`)
  if (webRoot === undefined)
    return invalid('upload.webRoot', webRoot, 'Name the folder of your static files, or write false when there is none.')
  try {
    // For us alone: what others uploaded is nobody's business on this machine.
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (error) {
    return invalid('upload.dir', dir, 'Give the path of a folder that can be made and written.', error)
  }
  const real = realFolder('upload.dir', dir)
  for (const root of webRoot === false ? [] : [webRoot].flat()) {
    const realRoot = realpathIfThere(root)
    if (!isInside(realRoot, real) && !isInside(real, realRoot)) continue
    invalid(
      'upload.dir',
      dir,
      `It lies with the web root ${root}: whatever is uploaded would be served as a page. Put it elsewhere.`,
    )
  }
  const held = join(real, '.held')
  mkdirSync(held, { recursive: true, mode: 0o700 })
  // Who else may write to the folder could have put a link there before us, and have what is not looked at yet elsewhere.
  if (realpathSync(held) !== held)
    invalid('upload.dir', dir, 'Its folder ".held" is a link. Remove it, and let nobody else write there.')
  sweep(held, now)
  return { dir: real, held }
}

function realpathIfThere(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** What a process that was killed left behind. Another process may be receiving right now: only what is older than a day. */
function sweep(held: string, now: number): void {
  for (const name of readdirSync(held)) {
    const stats = lstatSync(join(held, name), { throwIfNoEntry: false })
    if (stats?.isFile() && now - stats.mtimeMs > DAY) rmSync(join(held, name), { force: true })
  }
}
