/**
 * Reporting-Endpoints: where user agents send reports about policies (CSP, COOP, …).
 * Sources: W3C Reporting API §3.3; RFC 9651 §3.2 (dictionary).
 */
import { sfKey, sfString } from './structured.ts'

/**
 * The field value, such as `csp="/reports/csp"`, from URLs by endpoint name. Throws a TypeError for a name that is no dictionary
 * key, and for a URL that is neither https nor a path on the own origin (user agents ignore those).
 */
export function compileReportingEndpoints(endpoints: Readonly<Record<string, string>>): string {
  return Object.entries(endpoints)
    .map(([name, url]) => `${sfKey(name)}=${sfString(assertEndpoint(name, url))}`)
    .join(', ')
}

function assertEndpoint(name: string, url: string): string {
  const path = url.startsWith('/') && !url.startsWith('//') && !url.includes('\\')
  if (path || (URL.canParse(url) && new URL(url).protocol === 'https:')) return url
  throw new TypeError(
    `Reporting-Endpoints: ${name} must be an https URL or a path such as "/reports"; got ${JSON.stringify(url)}.`,
  )
}
