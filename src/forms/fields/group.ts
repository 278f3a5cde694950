/** Fields that belong together: an object inside of the form's, and a list of such objects. In JSON they are what they are called. */
import { invalid, refuseUnknown, wholeNumber } from '../../engine/options.ts'
import { baseOf, checkNames, isGroup, type FieldOptions, type Fields, type Group, type ValuesOf } from '../field.ts'

export interface GroupOptions<Of extends Fields = Fields, Required extends boolean = boolean> extends Omit<
  FieldOptions,
  'required'
> {
  readonly fields: Of
  /** Without it, a group of which nothing was filled in is `undefined`. @default true */
  readonly required?: Required
}

export interface RowsOptions<Of extends Fields = Fields> extends FieldOptions {
  readonly fields: Of
  /** How many. */
  readonly most: number
}

/** Groups in groups. What is sent deeper than this is of another kind than its field. */
const DEEPEST = 8
const MOST_ROWS = 1000
/** Their values come with the page, sealed or in parts: they belong to the form as a whole. */
const WHOLE = new Set(['file', 'files', 'hidden', 'sealed'])

/** One object: `address: group({ label: 'Address', fields: { city: text({ label: 'City' }) } })`. */
export function group<const Of extends Fields, const Required extends boolean = true>(
  options: GroupOptions<Of, Required>,
): Group<Required extends false ? ValuesOf<Of> | undefined : ValuesOf<Of>> {
  const { fields, ...rest } = options
  const base = baseOf('group', rest, [])
  return { ...shared('group', base, fields), most: 1, mayLack: !base.required, nothing: undefined }
}

/** A list of objects, in the order in which they came. Those of which nothing was filled in are left out. With `required` at least one. */
export function rows<const Of extends Fields>(options: RowsOptions<Of>): Group<readonly ValuesOf<Of>[]> {
  const { fields, most, ...rest } = options
  const base = baseOf('rows', rest, [])
  wholeNumber('rows.most', most, 1, MOST_ROWS)
  return { ...shared('rows', base, fields), most, mayLack: !base.required, nothing: [] }
}

function shared<Kind extends 'group' | 'rows'>(kind: Kind, base: ReturnType<typeof baseOf>, members: Fields) {
  const { label, hint, required, messages, schema } = base
  if (schema !== undefined) invalid(`${kind}.schema`, kind, 'Give the schema to the whole form: it sees the members too.')
  refuseUnknown(kind, { fields: members }, ['fields'])
  checkNames(`${kind} "${label}"`, members)
  for (const [name, field] of Object.entries(members))
    if (WHOLE.has(field.kind))
      invalid(`${kind} "${label}".${name}`, field.kind, 'Move it out of the group, into the form itself.')
  if (depthOf(members) > DEEPEST) invalid(`${kind} "${label}"`, depthOf(members), `Nest at most ${DEEPEST} deep.`)
  return { kind, label, hint, required, messages, members, nullable: false }
}

function depthOf(members: Fields): number {
  return 1 + Math.max(0, ...Object.values(members).map((field) => (isGroup(field) ? depthOf(field.members) : 0)))
}
