/** The option `alerts`: channels, which alert goes to which, and how often. What cannot work is refused at start-up. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, refuseUnknown, wholeNumber } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'
import type { Alert } from './alert.ts'
import type { AlertChannel, ChannelDefinition, ChannelSetting } from './channel.ts'
import { compileRoutes, type AlertRoute, type Destination } from './routes.ts'

export interface AlertsOptions {
  /** Ways by name: `{ ops: webhook({ … }), night: pagerDuty({ … }) }`. */
  readonly channels: Readonly<Record<string, ChannelDefinition>>
  /** Which alert goes where. @default everything from medium on, to all channels */
  readonly routes?: readonly AlertRoute[]
  /** Alerts of one matter within this time become one, with a count. @default '5m' */
  readonly group?: Duration
  /** The most alerts a channel gets within ten minutes; then one says that there are more. @default 30 */
  readonly most?: number
  /** Says regularly that we are alive, to whoever raises an alarm when it stays away. @default it is silent */
  readonly heartbeat?: { readonly every: Duration; readonly channels: readonly string[] }
  /** Whether alerts leave by themselves. With `false` they wait for `holdfast.alerts.flush()`, for tests; never in production. @default true */
  readonly background?: boolean
}

/** `alerts` as it was read. */
export interface AlertSetting {
  readonly channels: ReadonlyMap<string, { readonly kind: string; readonly channel: AlertChannel }>
  readonly route: (alert: Alert) => Destination[]
  readonly group: number
  readonly most: number
  readonly heartbeat: { readonly every: number; readonly channels: readonly string[] } | undefined
  readonly background: boolean
}

const NAME = /^[a-z][a-z0-9-]{0,31}$/
const LEAST_HEARTBEAT = 60_000

/** Throws HoldfastError. Connects nowhere. `undefined` where there are no alerts. */
export function readAlerts(
  options: AlertsOptions | undefined,
  surroundings: ChannelSetting & { readonly production: boolean },
): AlertSetting | undefined {
  if (options === undefined) return undefined
  refuseUnknown('alerts', options, ['channels', 'routes', 'group', 'most', 'heartbeat', 'background'])
  const { group = '5m', most = 30, heartbeat, background = true } = options
  const channels = openChannels(options.channels, surroundings)
  const names = [...channels.keys()]
  if (!background && surroundings.production) invalid('alerts.background', background, 'Leave it out, or no alert leaves.')
  return {
    channels,
    route: compileRoutes(options.routes ?? [{ channels: names }], names),
    group: milliseconds('alerts.group', group),
    most: wholeNumber('alerts.most', most, 1, 10_000),
    heartbeat: heartbeat && readHeartbeat(heartbeat, names),
    background,
  }
}

function openChannels(given: AlertsOptions['channels'], setting: ChannelSetting): AlertSetting['channels'] {
  const entries = typeof given === 'object' && given !== null ? Object.entries(given) : []
  if (entries.length === 0) invalid('alerts.channels', given, 'Give at least one channel, or leave `alerts` out.')
  return new Map(
    entries.map(([name, definition]) => {
      if (!NAME.test(name)) invalid('A name in alerts.channels', name, 'Write small letters, digits and hyphens.')
      if (typeof definition?.open !== 'function')
        invalid(
          `alerts.channels.${name}`,
          definition,
          'Give webhook(…), slack(…), pagerDuty(…), mail(…) or file(…) of holdfast/alerts.',
        )
      return [name, { kind: definition.kind, channel: definition.open(`alerts.channels.${name}`, setting) }]
    }),
  )
}

function readHeartbeat({ every, channels, ...more }: NonNullable<AlertsOptions['heartbeat']>, known: readonly string[]) {
  refuseUnknown('alerts.heartbeat', more, [])
  const period = milliseconds('alerts.heartbeat.every', every)
  if (period < LEAST_HEARTBEAT) invalid('alerts.heartbeat.every', every, 'Give a minute or more.')
  if (!Array.isArray(channels) || channels.length === 0)
    invalid('alerts.heartbeat.channels', channels, 'Name at least one channel.')
  for (const channel of channels)
    if (!known.includes(channel)) invalid('alerts.heartbeat.channels', channel, hint(channel, known))
  return { every: period, channels }
}
