/** What may be set about csrf. */
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults, type Insecure } from '../../engine/options.ts'
import { parseOrigin } from '../../http/origin.ts'

export interface CsrfOptions {
  /** Other origins whose pages may act here in the user's name: `'https://admin.app.example'`, exactly. @default [] */
  readonly trustedOrigins: readonly string[]
  /**
   * `'auto'`: a token is asked for only when the browser says nothing of where the request comes from.
   * `'always'`: every form and script must send it as well, also before sign-in. @default 'auto'
   */
  readonly tokens: 'auto' | 'always'
  /** Refuses nothing and only reports. To see what would break before turning it on. @default undefined */
  readonly insecureReportOnly: Insecure | undefined
}

const DEFAULTS: CsrfOptions = { trustedOrigins: [], tokens: 'auto', insecureReportOnly: undefined }

/** Throws HF_OPTION_INVALID for an origin that no browser would send in this spelling, and for plain http beyond loopback. */
export function readCsrfOptions(input?: Partial<CsrfOptions>): CsrfOptions {
  const options = withDefaults('csrf', DEFAULTS, input)
  const { trustedOrigins, tokens } = options
  if (!Array.isArray(trustedOrigins))
    invalid('csrf.trustedOrigins', trustedOrigins, `Give a list: ['https://admin.app.example'].`)
  for (const origin of trustedOrigins) checkOrigin(origin)
  if (tokens !== 'auto' && tokens !== 'always') invalid('csrf.tokens', tokens, `Write 'auto' or 'always'.`)
  return options
}

export function* checkCsrfOptions({ insecureReportOnly }: CsrfOptions): Generator<Finding> {
  if (insecureReportOnly === undefined) return
  const what = `Requests from other sites are reported and let through until ${insecureReportOnly.until}: ${insecureReportOnly.reason}.`
  yield { id: 'HF-CSRF-1', severity: 'high', what, fix: 'Remove csrf.insecureReportOnly.' }
}

function checkOrigin(text: string): void {
  const fix = `Write scheme and host, and the port if it is not the usual one: 'https://admin.app.example'. There are no patterns.`
  const parsed = typeof text === 'string' ? parseOrigin(text) : undefined
  if (!parsed?.ok || parsed.origin !== text) return invalid('csrf.trustedOrigins', text, fix)
  const local = parsed.hostname === 'localhost' || parsed.hostname === '127.0.0.1' || parsed.hostname === '[::1]'
  if (parsed.scheme !== 'https' && !(parsed.scheme === 'http' && local)) {
    invalid('csrf.trustedOrigins', text, 'Use https: whoever stands between could act in the name of a plain http page.')
  }
}
