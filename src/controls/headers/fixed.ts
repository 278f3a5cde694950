/**
 * The headers that are the same on every answer, worked out once.
 * Sources: OWASP Secure Headers Project, OWASP HTTP Headers Cheat Sheet; WHATWG HTML §7.1.3 (COOP), Fetch §3.7 (CORP).
 */
import { invalid } from '../../engine/options.ts'
import { compilePermissionsPolicy, type PermissionsPolicy } from '../../http/permissions-policy.ts'
import { compiled } from './compiled.ts'

export interface FixedOptions {
  /** Who may use which powerful feature, laid over a list that denies 20 of them: `{ camera: ['self'] }`. @default {} */
  readonly permissionsPolicy?: PermissionsPolicy
  /** What other sites learn about where a visitor came from. @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: 'no-referrer' | 'same-origin' | 'strict-origin' | 'strict-origin-when-cross-origin'
  /** Cross-Origin-Opener-Policy. Sign-in popups of other sites need `'same-origin-allow-popups'`. @default 'same-origin' */
  readonly coop?: 'same-origin' | 'same-origin-allow-popups' | 'noopener-allow-popups'
  /** Cross-Origin-Resource-Policy: who may embed our answers. @default 'same-origin' */
  readonly corp?: 'same-origin' | 'same-site' | 'cross-origin'
  /** Cross-Origin-Embedder-Policy: what we embed must agree to it. @default 'off' */
  readonly coep?: 'off' | 'credentialless' | 'require-corp'
  /** Asks for a process and a heap of its own for the origin. @default true */
  readonly originAgentCluster?: boolean
}

export const FIXED_DEFAULTS: Required<FixedOptions> = {
  permissionsPolicy: {},
  referrerPolicy: 'strict-origin-when-cross-origin',
  coop: 'same-origin',
  corp: 'same-origin',
  coep: 'off',
  originAgentCluster: true,
}

const CHOICES: { readonly [Name in 'referrerPolicy' | 'coop' | 'corp' | 'coep']: readonly Required<FixedOptions>[Name][] } = {
  referrerPolicy: ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'],
  coop: ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups'],
  corp: ['same-origin', 'same-site', 'cross-origin'],
  coep: ['off', 'credentialless', 'require-corp'],
}

/** Powerful features that few applications need and injected script would like. Passkeys are not among them. */
const DENIED =
  'accelerometer browsing-topics camera display-capture encrypted-media geolocation gyroscope hid idle-detection local-fonts ' +
  'magnetometer microphone midi payment screen-wake-lock serial sync-xhr usb window-management xr-spatial-tracking'

type Line = readonly [name: string, value: string | null]

/** Names and values, in the order they are sent. Throws HF_OPTION_INVALID for a value that is not one of those there are. */
export function fixedHeaders(options: Required<FixedOptions>): readonly Line[] {
  for (const name of ['referrerPolicy', 'coop', 'corp', 'coep'] as const) {
    const [value, choices]: [string, readonly string[]] = [options[name], CHOICES[name]]
    if (!choices.includes(value)) invalid(`headers.${name}`, value, `Choose one of: ${choices.join(', ')}.`)
  }
  const { referrerPolicy, coop, corp, coep, originAgentCluster, permissionsPolicy } = options
  return [
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', referrerPolicy],
    ['permissions-policy', compilePermissions(permissionsPolicy)],
    ['cross-origin-opener-policy', coop],
    ['cross-origin-resource-policy', corp],
    ...(coep === 'off' ? [] : [['cross-origin-embedder-policy', coep] as const]),
    ...(originAgentCluster ? [['origin-agent-cluster', '?1'] as const] : []),
    ['x-permitted-cross-domain-policies', 'none'],
    // The filter that this turns off could be used to switch off scripts of a page one by one.
    ['x-xss-protection', '0'],
    ['server', null],
    ['x-powered-by', null],
  ]
}

function compilePermissions(given: PermissionsPolicy): string {
  if (typeof given !== 'object' || given === null)
    invalid('headers.permissionsPolicy', given, `Give lists by feature: { camera: ['self'] }.`)
  return compiled('headers.permissionsPolicy', given, () =>
    compilePermissionsPolicy({ ...Object.fromEntries(DENIED.split(' ').map((feature) => [feature, []])), ...given }),
  )
}
