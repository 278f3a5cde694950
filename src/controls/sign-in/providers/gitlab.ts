/** GitLab, theirs or one's own. Source: https://docs.gitlab.com/integration/openid_connect_provider/ */
import { oidc } from './oidc.ts'
import type { Provider, ProviderOptions } from './provider.ts'

export interface GitlabOptions extends ProviderOptions {
  /** Of one's own instance. @default 'https://gitlab.com' */
  readonly issuer?: string
}

/** Accounts of a GitLab. It says `auth_time`. */
export function gitlab({ issuer = 'https://gitlab.com', ...options }: GitlabOptions): Provider {
  return oidc({ label: 'GitLab', clientAuthentication: 'post', ...options, issuer })
}
