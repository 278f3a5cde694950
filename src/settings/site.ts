/** The configured origin, read once: what links, cookies and redirects are built from. */
import type { Site } from '../engine/control.ts'
import { invalid } from '../engine/options.ts'
import { parseOrigin } from '../http/origin.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Throws HF_OPTION_INVALID unless the origin is https, or http on loopback. */
export function readSite(origin: string | undefined): Site {
  if (origin === undefined) invalid('origin', origin, `Give the address that browsers use: 'https://app.example'.`)
  const parsed = parseOrigin(origin!)
  if (!parsed.ok)
    return invalid(
      'origin',
      origin,
      `Write scheme, host and, if it is not the usual one, port: 'https://app.example'. (${parsed.reason})`,
    )
  const { scheme, hostname, port } = parsed
  const local = LOOPBACK.has(hostname)
  if (scheme !== 'https' && !(scheme === 'http' && local)) {
    invalid(
      'origin',
      origin,
      'Use https; plain http is accepted for localhost only, since cookies and passwords would be readable on the way.',
    )
  }
  return { origin: parsed.origin, hostname, port, secure: scheme === 'https', local: local && scheme === 'http' }
}
