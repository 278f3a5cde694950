/**
 * Whom a letter goes to when somebody types a login or an address: to the stored, verified address of a person who may sign in, or to
 * nobody. Both are looked for each time, so that the work tells nothing (L73). Whoever reads the mail of an address comes before whoever
 * has it for a login.
 */
import type { LoginName } from '../users/names.ts'
import { readAddress } from '../addresses/addresses.ts'
import type { AccountsDatabase, UserRow } from '../schema.ts'

export interface Recipient {
  readonly userId: string
  /** What letters go to. */
  readonly address: string
  /** What a link is bound to. */
  readonly addressKey: string
}

/** `mark`: the keyed hash of what was typed. */
export interface Typed {
  readonly mark: string
  readonly recipient: Recipient | undefined
}

interface Row extends Pick<UserRow, 'id' | 'status' | 'kind'> {
  readonly address: string | null
  readonly address_key: string | null
  readonly verified_at: number | null
}

interface Setting {
  readonly database: AccountsDatabase
  readonly names: (login: string) => LoginName
  /** As the gate: who is kept out gets no letter that lets in. */
  readonly admits: (status: UserRow['status']) => boolean
}

const COLUMNS = 'SELECT u.id, u.status, u.kind, a.address, a.address_key, a.verified_at FROM hf_users u'

/** Makes the look-up: two queries, whatever is typed. */
export function createRecipients({ database, names, admits }: Setting): (typed: string) => Promise<Typed> {
  const byLogin = database.statement<Row>(`${COLUMNS} LEFT JOIN hf_addresses a ON a.user_id = u.id WHERE u.login_key = ?`)
  const byAddress = database.statement<Row>(
    `${COLUMNS} JOIN hf_addresses a ON a.user_id = u.id WHERE a.address_key = ? AND a.verified_at IS NOT NULL`,
  )
  return async (typed) => {
    const { key, mark } = names(typed)
    const owner = await byAddress.get(readAddress(typed)?.key ?? '')
    const named = await byLogin.get(key)
    return { mark, recipient: recipientOf(owner ?? named, admits) }
  }
}

function recipientOf(row: Row | undefined, admits: Setting['admits']): Recipient | undefined {
  if (!row || row.kind !== 'person' || !admits(row.status)) return undefined
  if (row.address === null || row.address_key === null || row.verified_at === null) return undefined
  return { userId: row.id, address: row.address, addressKey: row.address_key }
}
