/** A field of a file, or of several. Types and size are said, or nothing starts; what came is kept by the form's folder. */
import type { FileRule, FileType, StoredFile } from '../../files/index.ts'
import { attributes, html } from '../../html/html.ts'
import { absent, baseOf, wrong, type Field, type FieldOptions, type Maybe } from '../field.ts'

export interface FileOptions<Required extends boolean = boolean> extends FieldOptions, FileRule {
  readonly required?: Required
}

/** What the form needs of it to take the upload. */
export interface FileField<Value> extends Field<Value> {
  readonly rule: FileRule
}

/** One file; `undefined` where none was chosen and none has to be. */
export function file<const Required extends boolean = true>(
  options: Omit<FileOptions<Required>, 'max'>,
): FileField<Maybe<Required, StoredFile>> {
  return fileField('file', { ...options, max: 1 }) as FileField<any>
}

/** Several files, at most `max`. With `required` at least one. */
export function files(options: FileOptions & { readonly max: number }): FileField<readonly StoredFile[]> {
  return fileField('files', options)
}

function fileField(kind: 'file' | 'files', options: FileOptions): FileField<any> {
  const { types, maxSize, max = 1, maxUnpacked, ...rest } = options
  const base = baseOf(kind, rest, [])
  const one = kind === 'file'
  const nothing = one ? undefined : []
  const several = { multiple: !one }
  return {
    ...base,
    rule: { types, maxSize, max, ...(maxUnpacked !== undefined && { maxUnpacked }) },
    most: max,
    longest: 0,
    secret: true,
    // A file comes as a part of its own; what comes as text under its name is none. Nothing chosen is an empty text.
    fromTexts: (texts) => (texts.every((typed) => typed === '') ? absent(base, nothing) : wrong('file')),
    fromJson: (value) => (value === undefined ? absent(base, nothing) : wrong('type')),
    textsOf: () => [],
    json: { type: 'string', contentMediaType: (types as readonly FileType[])?.join(', ') },
    control: ({ id, name, state }) =>
      html`<input id="${id}" name="${name}" ${attributes({ type: 'file', accept: types.join(','), ...several, ...state })} />`,
  }
}

export function isFileField(field: Field): field is FileField<unknown> {
  return 'rule' in field
}
