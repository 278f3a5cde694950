/** The part of `oidc-provider` that the tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Interaction {
    readonly prompt: { readonly name: string }
    readonly params: Readonly<Record<string, unknown>>
    readonly session: { readonly accountId: string } | undefined
    readonly grantId: string | undefined
  }

  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface ProviderConfiguration {
    readonly interactions: { url(context: unknown, interaction: { readonly uid: string }): string }
    findAccount(context: unknown, id: string): { readonly accountId: string; claims(): object }
    readonly [option: string]: unknown
  }

  export default class Provider {
    constructor(issuer: string, configuration: ProviderConfiguration)
    on(
      event: 'authorization.success',
      listener: (context: { readonly oidc: { readonly session: { sidFor(client: string): string } } }) => void,
    ): void
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
    readonly Client: {
      find(id: string): Promise<{ backchannelLogout(sub: string, sid: string | undefined): Promise<void> } | undefined>
    }
    readonly Grant: {
      new (of: { readonly accountId: string; readonly clientId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
  }
}
