/** The rows of seals, for the service and for the door: found by what was typed, all parts at once, whatever the order. */
import { sha256 } from '../../crypto/hash.ts'
import { normaliseCode } from '../../crypto/random.ts'
import type { On } from '../addresses/addresses.ts'
import type { AccountsTransaction } from '../schema.ts'

/** Symbols of a part: 24 times 5 bits. */
export const PART_LENGTH = 24
/** What no code hashes to. */
const NOTHING = '-'
/** The method of proof, as a session remembers it. Ours; RFC 8176 has no word for it. */
export const SEALED = 'bgl'

/** Whether somebody came by the sealed account. */
export function isSealed({ amr }: { readonly amr: readonly string[] }): boolean {
  return amr.includes(SEALED)
}

/** The seal that these parts open, which was not used. The same look-up for whatever is typed. */
export async function sealOf(on: On, parts: readonly string[]) {
  const [one = NOTHING, other = ''] = parts.map(hashOf)
  const row = await on
    .selectFrom('hf_seals')
    .selectAll()
    .where('part_a', 'in', [one, other])
    .where('used_at', 'is', null)
    .executeTakeFirst()
  const rest = row?.part_a === one ? other : one
  return row && row.part_b === rest ? row : undefined
}

/** Of many at once one uses it up. */
export async function spendSeal(tx: AccountsTransaction, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('hf_seals')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

function hashOf(typed: string): string {
  if (typed.trim() === '') return ''
  const code = normaliseCode(typed, PART_LENGTH)
  return code === undefined ? NOTHING : sha256(code)
}
