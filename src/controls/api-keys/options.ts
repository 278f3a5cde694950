/** Where API keys are accepted. Nowhere, until the application says so. */
import { readAccept, type Accept } from '../../engine/accept.ts'
import type { Finding } from '../../engine/finding.ts'
import { withDefaults } from '../../engine/options.ts'

export interface ApiKeysInput {
  /**
   * `'nowhere'`, `'everywhere'`, or beginnings of paths with a slash at the end: `['/api/']`. The kit's own pages never accept keys.
   * A line of `routes` says otherwise for its own path: `{ path: 'GET /status', apiKeys: true }`. @default 'nowhere'
   */
  readonly accept?: Accept
}

export interface ApiKeysOptions {
  readonly accept: Accept
}

const DEFAULTS: ApiKeysOptions = { accept: 'nowhere' }

/** Throws HF_OPTION_INVALID for a beginning that no canonical path has. */
export function readApiKeysOptions(input?: ApiKeysInput): ApiKeysOptions {
  const { accept } = withDefaults<ApiKeysOptions>('apiKeys', DEFAULTS, input)
  return { accept: readAccept('apiKeys.accept', accept) }
}

export function* checkApiKeys({ accept }: ApiKeysOptions): Generator<Finding> {
  if (accept !== 'everywhere') return
  const what = 'API keys are accepted at every route, those for people too.'
  yield { id: 'HF-API-KEYS-1', severity: 'low', what, fix: `Name where programs ask: apiKeys: { accept: ['/api/'] }.` }
}
