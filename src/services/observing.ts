/** Opens everything that watches: the audit log first, so that it hears all others, and what tells people last. */
import { openAlerting, recordChannels } from './alerting.ts'
import { openAuditing } from './auditing.ts'
import type { Finding } from '../engine/finding.ts'
import { alertOfIncident } from '../observe/alerts/incidents.ts'
import type { AlertsService } from '../observe/alerts/alerts.ts'
import type { AuditLog } from '../observe/audit/types.ts'
import type { IncidentListener } from '../observe/incidents/types.ts'
import type { SetUp } from '../settings/set-up.ts'
import type { Stores } from './stores.ts'

/** What an application may ask. */
export interface ObservingServices {
  /** The audit log, to be asked; absent where it is off. */
  readonly audit: AuditLog | undefined
  /** Who is told of what nobody may miss; absent where `alerts` is not set. */
  readonly alerts: AlertsService | undefined
}

export interface Observing {
  readonly services: ObservingServices
  readonly findings: readonly Finding[]
  /** Tells what happened to an incident. */
  readonly tell: IncidentListener
  /** Drops what had its time. */
  sweep(now: number): Promise<unknown>
  /** Lets end what is under way: alerts first, while what they go by is there, then `meanwhile`, and the audit log last, so that it hears the end. */
  stop(meanwhile: () => Promise<unknown>): Promise<void>
}

type Setting = Omit<SetUp, 'logs'> & Pick<Stores, 'database' | 'once'> & { readonly random: (bytes: number) => string }

/** Starts to watch. */
export async function openObserving(setting: Setting): Promise<Observing> {
  const { once, now } = setting
  const auditing = await openAuditing(setting)
  const alerts = openAlerting(setting)
  await recordChannels(once, setting.alerts, now())
  return {
    services: { audit: auditing.log, alerts },
    findings: auditing.findings,
    tell(change) {
      const alert = alertOfIncident(change)
      if (alert !== undefined) alerts?.raise(alert)
    },
    sweep: (at) => Promise.all([auditing.sweep(at), alerts?.sweep(at)]),
    async stop(meanwhile) {
      await alerts?.stop()
      await meanwhile()
      await auditing.stop()
    },
  }
}
