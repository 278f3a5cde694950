/** The tables of observing, in the order in which they were added. */
import type { Migration } from '../store/database.ts'
import { auditMigrations } from './audit/schema.ts'

export const observeMigrations: readonly Migration[] = [...auditMigrations]
