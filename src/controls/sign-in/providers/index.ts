/** The providers that can be configured. A new one is a file of the shape of `google.ts` and a line below. */
export { apple, type AppleOptions } from './apple.ts'
export { github } from './github.ts'
export { gitlab, type GitlabOptions } from './gitlab.ts'
export { google } from './google.ts'
export { microsoft, type MicrosoftOptions } from './microsoft.ts'
export { oidc, type OidcOptions } from './oidc.ts'
export type { Provider, ProviderOptions } from './provider.ts'
