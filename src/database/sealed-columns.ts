/** THE LIST of columns that the key ring has sealed: what is to be sealed anew before a key may go. A new one is a line here. */
import { SIGNING_KEY_PURPOSE } from '../accounts/tokens/signing-keys.ts'
import { TOTP_PURPOSE } from '../accounts/factors/totp.ts'
import type { SealedColumn } from '../secrets/reencrypt.ts'
import { OUTBOX_PURPOSE } from '../store/outbox.ts'

/** Each says what is bound into its texts, as the part that writes them does; a test opens what the parts have written. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'hf_factors',
    column: 'value',
    key: 'user_id',
    only: { column: 'kind', value: 'totp' },
    purpose: TOTP_PURPOSE,
    associated: (row) => [row['key']!, 'totp'],
  },
  {
    table: 'hf_outbox',
    column: 'body',
    key: 'id',
    purpose: OUTBOX_PURPOSE,
    with: ['channel'],
    associated: (row) => [row['channel']!, row['key']!],
  },
  {
    table: 'hf_signing_keys',
    column: 'value',
    key: 'number',
    purpose: SIGNING_KEY_PURPOSE,
    with: ['id', 'algorithm'],
    associated: (row) => [row['id']!, row['algorithm']!],
  },
]
