/** Connects alerts with the rest: letters by the transport of `mail`, other servers by the guard, and the names of the channels for the command. */
import { startAlerts, type Alerts } from '../observe/alerts/alerts.ts'
import { readAlerts, type AlertSetting, type AlertsOptions } from '../observe/alerts/options.ts'
import type { Mail } from '../settings/mail-options.ts'
import { createOutbound } from '../outbound/index.ts'
import type { SetUp } from '../settings/set-up.ts'
import type { AtomicStore } from '../store/atomic.ts'
import { createOutbox } from '../store/outbox.ts'
import type { Stores } from './stores.ts'

interface Around {
  readonly origin: string
  readonly mail: Mail | undefined
  readonly production: boolean
  readonly now: () => number
}

/** Throws HoldfastError for channels that cannot work. Connects nowhere. */
export function readAlerting(
  options: AlertsOptions | undefined,
  { origin, mail, production, now }: Around,
): AlertSetting | undefined {
  const post = mail && { transport: mail.transport, from: mail.from }
  return readAlerts(options, { origin, production, now, mail: post, outbound: (reach) => createOutbound({ ...reach, now }) })
}

interface Setting extends Pick<SetUp, 'alerts' | 'bus' | 'keys' | 'onFault' | 'now'>, Pick<Stores, 'database' | 'once'> {
  readonly random: (bytes: number) => string
}

/** Starts them, where there are some, and listens to what happens. */
export function openAlerting({ alerts, bus, onFault, ...setting }: Setting): Alerts | undefined {
  if (alerts === undefined) return undefined
  const started = startAlerts({
    ...{ alerts, database: setting.database, now: setting.now },
    outbox: createOutbox(setting),
    emit: bus.emitter('alerts'),
    onFault: (error) => onFault(error, undefined),
  })
  bus.on(started.listener)
  return started
}

const KEY = 'application:alerts'
const CENTURY = 100 * 365 * 86_400_000

/** Leaves the names and kinds of the channels, which stand in code, where the command finds them. */
export async function recordChannels(once: AtomicStore, alerts: AlertSetting | undefined, now: number): Promise<void> {
  const named = [...(alerts?.channels ?? [])].map(([name, { kind }]) => ({ name, kind }))
  if (named.length === 0) await once.delete(KEY)
  else await once.put(KEY, JSON.stringify(named), CENTURY, now)
}

/** What was left last. */
export async function recordedChannels(
  once: AtomicStore,
  now: number,
): Promise<readonly { readonly name: string; readonly kind: string }[]> {
  return JSON.parse((await once.get(KEY, now)) ?? '[]') as { name: string; kind: string }[]
}
