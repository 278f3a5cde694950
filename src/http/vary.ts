/**
 * Vary: which request fields an answer depends on.
 * Stops caches from handing one origin's, or one user's, answer to another. Source: RFC 9110 §12.5.5.
 */

/** `vary` with `field` in it. What stands there stays; `*` says everything already. The request's own Vary is never read. */
export function addVary(vary: string | null | undefined, field: string): string {
  if (vary === undefined || vary === null || vary === '') return field
  const wanted = field.toLowerCase()
  for (const member of vary.split(',')) {
    const name = member.trim()
    if (name === '*' || name.toLowerCase() === wanted) return vary
  }
  return `${vary}, ${field}`
}
