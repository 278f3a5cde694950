/** Holdfast: secure by default. What an application gets from `holdfast`. */
export { migrations, createHoldfast, type Holdfast } from './holdfast.ts'
export type { HoldfastOptions } from './options.ts'
export { inTenant, tenantOf } from './accounts/index.ts'
export type {
  Accounts,
  Actor,
  Approval,
  ApprovalParams,
  Approvals,
  ApiKey,
  Invitation,
  Member,
  Membership,
  NewApiKey,
  Session,
  Tenant,
  User,
} from './accounts/types.ts'
export type { AuditEvent, AuditFilter, AuditLog, AuditPage, AuditStatus } from './observe/audit/types.ts'
export type { AuditOptions } from './settings/audit-options.ts'
export type { TenantScope } from './database/application-database.ts'
export type { OwnTables, TenantColumn, TenantScopeOptions, TenantTables } from './store/queries/index.ts'
export type { Detected, DetectedListener, Detections, ListedDetection } from './services/detecting.ts'
export type { SecurityEvent } from './engine/events.ts'
export type { Principal } from './engine/facts.ts'
export type { Finding } from './engine/finding.ts'
export type { MailMessage } from './mail/message.ts'
export { MailError, type MailTransport } from './mail/transport.ts'
export type { LogTarget } from './services/logging.ts'
export type { MailOptions } from './settings/mail-options.ts'
export type { Metrics } from './observe/metrics/types.ts'
export type { Requirement, RouteOptions } from './engine/policy.ts'
export type { Provider } from './controls/sign-in/providers/index.ts'
export type { Captcha, CaptchaClient, CaptchaOptions, CaptchaVerdict } from './controls/sign-in/captcha/index.ts'
export { hcaptcha, recaptcha, turnstile } from './controls/sign-in/captcha/index.ts'
export { apple, github, gitlab, google, microsoft, oidc } from './controls/sign-in/providers/index.ts'
export { HoldfastError } from './engine/errors.ts'
export type { JsonSchema, Operation, OperationAnswer } from './http/openapi.ts'
export type { Incidents } from './observe/incidents/incidents.ts'
export type { Responses } from './observe/responses/responder-types.ts'
export { safeRedirect, type SafeRedirectOptions } from './http/safe-redirect.ts'
export { Secret } from './crypto/secret.ts'
export { describeSettings, readSettings, type Settings } from './settings/settings.ts'
export { NotAllowed, RequestView } from './view.ts'
