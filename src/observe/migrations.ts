/** The tables of observing, in the order in which they were added. */
import type { Migration } from '../store/database.ts'
import { alertMigrations } from './alerts/claims.ts'
import { auditMigrations } from './audit/schema.ts'
import { incidentMigrations } from './incidents/migrations.ts'
import { responseMigrations } from './responses/migrations.ts'

export const observeMigrations: readonly Migration[] = [
  ...auditMigrations,
  ...incidentMigrations,
  ...responseMigrations,
  ...alertMigrations,
]
