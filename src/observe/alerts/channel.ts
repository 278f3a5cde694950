/** How an alert leaves: what a channel is, and how it says that one did not go. A new way is a file with `defineChannel` and its export. */
import type { MailTransport } from '../../mail/transport.ts'
import type { Mailbox } from '../../mail/message.ts'
import type { Outbound, OutboundOptions } from '../../outbound/index.ts'
import type { Alert } from './alert.ts'

/** What channels may use. */
export interface ChannelSetting {
  /** Where the application is: `https://app.example`. */
  readonly origin: string
  /** Makes a guarded way to other servers; all of them are called through it. */
  readonly outbound: (options: ChannelReach) => Outbound
  /** How letters leave; absent where the option `mail` is not set. */
  readonly mail: { readonly transport: MailTransport; readonly from: Mailbox } | undefined
  readonly now: () => number
}

/** What a channel may say about where it goes. @default public addresses */
export type ChannelReach = Pick<OutboundOptions, 'networks' | 'insecureAllowHosts' | 'ca'>

export interface AlertChannel {
  /** Resolves when the alert is in other hands. Rejects when not: it is tried again, unless that is an AlertError that says `permanent`. */
  send(alert: Alert, signal: AbortSignal): Promise<void>
}

/** A channel as it stands in the options. */
export interface ChannelDefinition {
  /** For the log: `webhook`, `mail`, … */
  readonly kind: string
  /** At start-up. Throws a HoldfastError for what cannot work; connects nowhere. `name`: what the operator calls it. */
  open(name: string, setting: ChannelSetting): AlertChannel
}

/** Gives a channel its shape. */
export function defineChannel(definition: ChannelDefinition): ChannelDefinition {
  return Object.freeze(definition)
}

/** An alert did not go. Its message is for operators; it holds nothing of the alert, no address with a secret in it, and no words of the other side. */
export class AlertError extends Error {
  override readonly name = 'AlertError'
  /** Whether trying again is of no use. */
  readonly permanent: boolean

  constructor(message: string, { permanent = false, cause }: { readonly permanent?: boolean; readonly cause?: unknown } = {}) {
    super(message, { cause })
    this.permanent = permanent
  }
}
