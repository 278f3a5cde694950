/** Where API keys are accepted. Nowhere, until the application says so. */
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults } from '../../engine/options.ts'

export interface ApiKeysInput {
  /**
   * `'nowhere'`, `'everywhere'`, or beginnings of paths with a slash at the end: `['/api/']`. The kit's own pages never accept keys.
   * A line of `routes` says otherwise for its own path: `{ path: 'GET /status', apiKeys: true }`. @default 'nowhere'
   */
  readonly accept?: 'nowhere' | 'everywhere' | readonly string[]
}

export interface ApiKeysOptions {
  readonly accept: 'nowhere' | 'everywhere' | readonly string[]
}

const DEFAULTS: ApiKeysOptions = { accept: 'nowhere' }
const BEGINNING = /^\/(?:[^\s/?#%*{}\\;:]+\/)+$/

/** Throws HF_OPTION_INVALID for a beginning that no canonical path has. */
export function readApiKeysOptions(input?: ApiKeysInput): ApiKeysOptions {
  const options = withDefaults<ApiKeysOptions>('apiKeys', DEFAULTS, input)
  const { accept } = options
  if (accept === 'nowhere' || accept === 'everywhere') return options
  const fix = `Write 'nowhere', 'everywhere', or beginnings of paths such as ['/api/'].`
  if (!Array.isArray(accept) || accept.length === 0) return invalid('apiKeys.accept', accept, fix)
  for (const beginning of accept as unknown[]) {
    const fits = typeof beginning === 'string' && BEGINNING.test(beginning) && !/\/\.\.?\//.test(beginning)
    if (!fits) invalid('apiKeys.accept', beginning, fix)
  }
  return options
}

export function* checkApiKeys({ accept }: ApiKeysOptions): Generator<Finding> {
  if (accept !== 'everywhere') return
  const what = 'API keys are accepted at every route, those for people too.'
  yield { id: 'HF-API-KEYS-1', severity: 'low', what, fix: `Name where programs ask: apiKeys: { accept: ['/api/'] }.` }
}
