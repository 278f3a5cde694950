/**
 * Comma-separated values, for spreadsheets. What a spreadsheet would take for a formula is text: it begins with an apostrophe.
 * Sources: RFC 4180; OWASP CSV Injection (CWE-1236).
 */
import type { AuditEvent } from '../types.ts'
import type { Format } from './format.ts'

const COLUMNS: readonly (readonly [string, (event: AuditEvent) => string | undefined])[] = [
  ['time', ({ time }) => new Date(time).toISOString()],
  ['level', ({ level }) => level],
  ['type', ({ type }) => type],
  ['control', ({ control }) => control],
  ['client', ({ client }) => client],
  ['principal', ({ principal }) => principal],
  ['impersonator', ({ impersonator }) => impersonator],
  ['method', ({ method }) => method],
  ['path', ({ path }) => path],
  ['requestId', ({ requestId }) => requestId],
  ['data', ({ data }) => data && JSON.stringify(data)],
  ['redacted', ({ redacted }) => redacted?.join(' ')],
  ['id', ({ id }) => id],
]

export const csv: Format = {
  name: 'csv',
  what: 'for spreadsheets (RFC 4180)',
  head: COLUMNS.map(([name]) => name).join(','),
  line: (event) => COLUMNS.map(([, value]) => cell(value(event) ?? '')).join(','),
}

/** Also a space or a quote before it would not keep every spreadsheet from it. */
const FORMULA = /^[\s"']*[=+\-@\t\r|%]/

function cell(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const flat = text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, ' ')
  const safe = FORMULA.test(flat) ? `'${flat}` : flat
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
