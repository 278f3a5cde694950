/** THE LIST of columns that the key ring has sealed: what is to be sealed anew before a key may go. A new one is a line here. */
import { SIGNING_KEY_PURPOSE } from '../accounts/tokens/signing-keys.ts'
import { TOTP_PURPOSE } from '../accounts/factors/totp.ts'
import type { SealedColumn } from '../secrets/reencrypt.ts'
import { OUTBOX_PURPOSE } from '../store/outbox.ts'
import { SEALED_NAMES, SEALED_PURPOSE, sealedData } from '../tls/acme/sealed.ts'
import { STORED_PREFIX } from '../tls/acme/storage.ts'

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
  // What ACME keeps in the database: without its key the account is lost, and no certificate is renewed any more.
  ...SEALED_NAMES.map((name) => ({
    table: 'hf_value',
    column: 'value',
    key: 'key',
    only: { column: 'key', value: STORED_PREFIX + name },
    purpose: SEALED_PURPOSE,
    associated: () => sealedData(name),
  })),
]
