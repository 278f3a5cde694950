/**
 * THE LIST of tables and what the application's role may do with each on PostgreSQL. A part that makes a table adds a line here: a test
 * holds that the list and the migrations name the same tables.
 */
import { HASH_FUNCTIONS } from '../accounts/hashes/migrations.ts'
import { AUDIT_GRANTS } from '../observe/audit/schema.ts'
import { READ, READ_WRITE, WRITE, type Privilege, type TableGrant } from '../store/grants/types.ts'

/** Tables of which rows come, change and go. */
const PLAIN = [
  ...['hf_rate', 'hf_value', 'hf_outbox'],
  ...['hf_users', 'hf_sessions', 'hf_factors', 'hf_recovery_codes', 'hf_recoveries', 'hf_passkey_handles', 'hf_passkeys'],
  ...[
    'hf_api_keys',
    'hf_refresh',
    'hf_signing_keys',
    'hf_addresses',
    'hf_links',
    'hf_mail_codes',
    'hf_identities',
    'hf_provider_sessions',
  ],
  ...['hf_approvals', 'hf_rights', 'hf_seals'],
  ...['hf_incidents', 'hf_incident_subjects', 'hf_incident_entries', 'hf_incident_reached', 'hf_responses'],
  'hf_alert_claims',
  ...['hf_browsers', 'hf_browser_tokens', 'hf_devices', 'hf_notices', 'hf_deletions', 'hf_tenants', 'hf_memberships'],
]

/** A log that nobody may rewrite is a line with `APPEND`. */
export const tableGrants: readonly TableGrant[] = [
  { table: 'hf_migrations', may: READ },
  ...PLAIN.map((table) => ({ table, may: READ_WRITE })),
  ...Object.entries(AUDIT_GRANTS).map(([table, may]) => ({ table, may: may as readonly Privilege[] })),
  // Hashes are read through the functions below.
  { table: 'hf_credentials', may: WRITE, reads: ['user_id', 'kind', 'version', 'updated_at', 'set_at', 'short'] },
  { table: 'hf_password_history', may: WRITE, reads: ['user_id', 'version'] },
]

/** Functions that the application may run. */
export const functionGrants: readonly string[] = HASH_FUNCTIONS

/** The same, with columns of hashes that may be read like any other: for a tool that must, or where functions are not wanted. */
export const withReadableHashes: readonly TableGrant[] = tableGrants.map((grant) =>
  grant.reads ? { table: grant.table, may: READ_WRITE } : grant,
)
