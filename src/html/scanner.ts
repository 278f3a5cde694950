/** What is known at one point of a template while it is read, and the refusal of what must not stand there. */
import type { CssReader } from './css.ts'
import type { ScriptReader } from './script.ts'

/** Where the reader is; `plain-text` is what HTML calls RCDATA: character references, but no tags. */
export type State =
  | 'text'
  | 'raw'
  | 'plain-text'
  | 'comment'
  | 'tag-open'
  | 'tag-name'
  | 'attributes'
  | 'attribute-name'
  | 'after-name'
  | 'before-value'
  | 'double-quoted'
  | 'single-quoted'
  | 'unquoted'

/** A point in the literals. */
export interface Point {
  readonly literal: number
  readonly at: number
}

/** What is written in another way than the author did: quotes around a value, a comment taken out, the place of a nonce. */
export interface Edit extends Point {
  readonly remove: number
  readonly insert: string
}

/** All that is known at one point of a template. */
export interface Scanner {
  state: State
  /** Number of the literal being read. */
  index: number
  /** Name of the tag being read, or of the element whose raw or plain text is being read. */
  element: string
  closing: boolean
  selfClosing: boolean
  attribute: string
  /** Among the attributes: white space stands before this point, so a new attribute may begin. */
  spaced: boolean
  /** The last value was a fragment of attributes: the literal must go on with white space or the end of the tag. */
  afterFragment: boolean
  /** Literal text of the attribute value since it began, or since its last value. */
  literal: string
  /** The scheme of the URL in this attribute may come from a value that stands before this point. */
  open: boolean
  /** The start of the URL in this attribute was settled, by literal text. */
  settled: boolean
  /** Where an unquoted value began, and whether a value from outside stands in it, so that it needs quotes. */
  unquotedAt: Point
  needsQuotes: boolean
  metaRefresh: boolean
  metaContent: boolean
  /** Type of the script whose tag is being read, when it is written out. */
  scriptType: string | undefined
  /** Where a nonce would stand in the tag being read; `undefined` when it has one. */
  nonceAt: Point | undefined
  /** Reads the style attribute or element, or the script, that is open. */
  css: CssReader | undefined
  script: ScriptReader | undefined
  readonly edits: Edit[]
  /** The svg and math elements that are open, outermost first. */
  readonly foreign: string[]
}

/** A reader at the start of a template. */
export function newScanner(): Scanner {
  return {
    state: 'text',
    index: 0,
    element: '',
    closing: false,
    selfClosing: false,
    attribute: '',
    spaced: false,
    afterFragment: false,
    literal: '',
    open: false,
    settled: false,
    unquotedAt: { literal: 0, at: 0 },
    needsQuotes: false,
    metaRefresh: false,
    metaContent: false,
    scriptType: undefined,
    nonceAt: undefined,
    css: undefined,
    script: undefined,
    edits: [],
    foreign: [],
  }
}

/** The error for a template that is refused: `why`, and the tag and the attribute near which it was. */
export function refusal(scanner: Scanner, why: string): TypeError {
  const { element, attribute } = scanner
  const where = element === '' ? '' : ` (near <${attribute === '' ? element : `${element} ${attribute}`}>)`
  return new TypeError(`html: ${why}${where}`)
}

export function isLetter(character: string): boolean {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
}

export function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r' || character === '\f'
}
