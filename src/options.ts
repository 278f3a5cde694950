/** The options of `createHoldfast`: its own, and one key for each control. */
import type { AuditOptions } from './settings/audit-options.ts'
import type { controls } from './controls/index.ts'
import type { Secret } from './crypto/secret.ts'
import type { InsecureOff } from './engine/options.ts'
import type { ApprovalOptions } from './settings/approval-options.ts'
import type { OptionsOf } from './engine/pipeline.ts'
import type { RouteOptions } from './engine/policy.ts'
import type { Insecure } from './engine/options.ts'
import type { Database, Migration } from './store/database.ts'
import type { ImpersonationOptions } from './settings/impersonation-options.ts'
import type { LogTarget } from './services/logging.ts'
import type { IncidentsOptions } from './settings/incidents-options.ts'
import type { MailOptions } from './settings/mail-options.ts'
import type { AlertsOptions } from './observe/alerts/options.ts'
import type { DetectionsOptions } from './observe/detecting/options.ts'
import type { HoneytokensOptions } from './observe/honeytokens.ts'
import type { PasswordsOptions } from './settings/passwords.ts'
import type { TenantsOptions } from './settings/tenants-options.ts'
import type { RedisClient } from './store/redis.ts'

export interface HoldfastOptions extends OptionsOf<typeof controls> {
  /** The address that browsers use: `https://app.example`. Links, cookies and origin checks are built from it alone. */
  readonly origin: string
  /** Paths that are open to everybody, by exact text: `'/'`, `'POST /search'`. Everything else asks for a sign-in. */
  readonly public?: readonly string[]
  /** Routes that need something special, by exact method and path. */
  readonly routes?: readonly RouteOptions[]
  /** Roles and what each permits. @default { admin: ['*'], member: [] } */
  readonly roles?: Readonly<Record<string, readonly string[]>>
  /** Organisations that share the application: their pages at `/account/tenants`, and roles in them. @default there are none */
  readonly tenants?: TenantsOptions
  /** Whether those who run the application may act as its users. @default they may not */
  readonly impersonation?: ImpersonationOptions
  /** Which acts need a second person. @default none does */
  readonly approval?: ApprovalOptions
  /** Folder of the embedded database and the keys. @default '.holdfast' */
  readonly data?: string
  /** An open database, a SQLite path or a `postgres://` URL. @default a SQLite file in `data` */
  readonly database?: Database | string | Secret<string>
  /** Steps of the application's own tables, applied after Holdfast's: `{ id: 'notes-1', up: (dialect) => ['CREATE TABLE …'] }`. */
  readonly migrations?: readonly Migration[]
  /** Lets the application connect to PostgreSQL in production as an owner of its tables, or as a superuser. @default it may not */
  readonly insecureDatabaseOwner?: Insecure
  /** Your own client of the package `redis`, or a URL: where several processes share their limits. */
  readonly redis?: RedisClient | string | Secret<string>
  /** How many processes serve this application. More than one never keep limits in their own memory. @default 1 */
  readonly processes?: number
  /** The key ring, from `holdfast keys generate`. @default a file in `data`, made at first start */
  readonly keys?: string | Secret<string>
  /** How passwords are hashed, which are refused, and what was brought from elsewhere. */
  readonly passwords?: PasswordsOptions
  /** How letters are sent. @default none are, and what needs them is off */
  readonly mail?: MailOptions
  /** Who is told, and how, of what nobody may miss. @default nobody is, beside the log */
  readonly alerts?: AlertsOptions
  /** The audit log. It is on; off, it says why and until when. @default on, in the database */
  readonly audit?: AuditOptions | InsecureOff | false
  /** Where events go: standard output, nowhere, a file, a syslog server, a logger such as pino, a function, or several of these. @default 'stdout' */
  readonly log?: LogTarget | readonly LogTarget[]
  /** Spans and metrics through the API of OpenTelemetry. @default where its kit is registered before this is called */
  readonly openTelemetry?: boolean
  /** What is looked for in what happens, and how strictly. @default all 34 detections are on */
  readonly detections?: DetectionsOptions
  /** How long incidents are kept. @default 400 days after they were closed */
  readonly incidents?: IncidentsOptions
  /** Decoys: what touches one is told at once. @default there are none */
  readonly honeytokens?: HoneytokensOptions
  /** In production nothing may be off without a reason and a date. @default NODE_ENV, or else production */
  readonly mode?: 'production' | 'development' | 'test'
  /** Gets errors with their stack. @default standard error */
  readonly onFault?: (error: unknown, requestId: string | undefined) => void
  /** The clock. @default Date.now */
  readonly now?: () => number
}

/** The keys above that are not names of controls. A test holds that this list is whole. */
export const OPTION_NAMES: readonly string[] = [
  'origin',
  'public',
  'routes',
  'roles',
  'tenants',
  'impersonation',
  'approval',
  'data',
  'database',
  'migrations',
  'insecureDatabaseOwner',
  'redis',
  'processes',
  'keys',
  'passwords',
  'mail',
  'alerts',
  'detections',
  'honeytokens',
  'incidents',
  'log',
  'audit',
  'openTelemetry',
  'mode',
  'onFault',
  'now',
]
