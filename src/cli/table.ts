/** Rows for people: columns as wide as they need to be, and nothing in them that steers a terminal. */
import { printable } from './arguments.ts'

/** `head` and rows of equal length as lines. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map(printable))
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `2026-06-01 12:00:00Z`, or a dash. */
export function instant(time: number | undefined): string {
  return time === undefined ? '-' : new Date(time).toISOString().replace('T', ' ').replace(/\.\d+/, '')
}
