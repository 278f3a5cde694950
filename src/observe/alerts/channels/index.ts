/** THE LIST of channels. */
export { file, type AlertFileOptions } from './file.ts'
export { mail, type AlertMailOptions } from './mail.ts'
export { pagerDuty, type PagerDutyOptions } from './pager-duty.ts'
export { slack, type SlackOptions } from './slack.ts'
export { webhook, type WebhookOptions } from './webhook.ts'
