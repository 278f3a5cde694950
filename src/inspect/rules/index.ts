/** THE LIST of rules about source. A new one is a file here and a line below. */
import type { SourceRule } from '../source-rule.ts'
import { builtSql } from './built-sql.ts'
import { rawSql } from './raw-sql.ts'

export const sourceRules: readonly SourceRule[] = [rawSql, builtSql]
