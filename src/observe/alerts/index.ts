/** Alerts for applications: ways to be told, for the option `alerts`. */
export { file, mail, pagerDuty, slack, webhook } from './channels/index.ts'
export type { AlertFileOptions, AlertMailOptions, PagerDutyOptions, SlackOptions, WebhookOptions } from './channels/index.ts'
export type { Alert, AlertKind, NewAlert } from './alert.ts'
export type { AlertsService, ChannelStatus } from './alerts.ts'
export { AlertError, defineChannel, type AlertChannel, type ChannelDefinition, type ChannelSetting } from './channel.ts'
export type { AlertsOptions } from './options.ts'
export type { AlertRoute, QuietHours } from './routes.ts'
