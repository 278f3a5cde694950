/** Everything that accounts must hold on every database. */
import type { Open } from './fixture.contract.ts'
import { addressesContract } from './addresses/addresses.contract.ts'
import { mailFactorContract } from './factors/mail-factor.contract.ts'
import { breakerContract } from './throttle/breaker.contract.ts'
import { browsersContract } from './browsers/browsers.contract.ts'
import { trustedDevicesContract } from './browsers/browsers-trusted.contract.ts'
import { concurrentContract } from './sessions/concurrent.contract.ts'
import { fanOutContract } from './fan-out.contract.ts'
import { factorsContract } from './factors/factors.contract.ts'
import { factorsUsedContract } from './factors/factors-used.contract.ts'
import { factorsKeptContract } from './factors/factors-kept.contract.ts'
import { identitiesContract } from './identities/identities.contract.ts'
import { impersonationContract } from './impersonation/impersonation.contract.ts'
import { importedContract } from './hashes/imported.contract.ts'
import { knownDevicesContract } from './throttle/known-devices.contract.ts'
import { linksContract } from './mail/links.contract.ts'
import { newcomersContract } from './newcomers/newcomers.contract.ts'
import { invitedContract } from './newcomers/invited.contract.ts'
import { verifiedContract } from './newcomers/verified.contract.ts'
import { mailDoorsContract } from './mail/doors.contract.ts'
import { mailCodesContract } from './mail/doors-codes.contract.ts'
import { passwordContract } from './doors/password.contract.ts'
import { passkeysContract } from './passkeys/passkeys.contract.ts'
import { passkeyStepContract } from './passkeys/passkeys-step.contract.ts'
import { passkeysKeptContract } from './passkeys/passkeys-kept.contract.ts'
import { passkeySignUpContract } from './passkeys/passkeys-sign-up.contract.ts'
import { changeAddressContract } from './profile/change-address.contract.ts'
import { deletionsContract } from './profile/deletions.contract.ts'
import { noticesContract } from './profile/notices.contract.ts'
import { delayedContract } from './recovery/delayed.contract.ts'
import { passwordRulesContract } from './recovery/password-rules.contract.ts'
import { recoveryContract } from './recovery/recovery.contract.ts'
import { unlockContract } from './recovery/unlock.contract.ts'
import { sessionsContract } from './sessions/sessions.contract.ts'
import { breakGlassContract } from './break-glass/break-glass.contract.ts'
import { addedContract } from './profile/added.contract.ts'
import { approvalsContract } from './approvals/approvals.contract.ts'
import { setUpContract } from './newcomers/set-up.contract.ts'
import { actingInTenantsContract } from './tenants/tenants-acting.contract.ts'
import { tenantInvitationsContract } from './tenants/tenants-invitations.contract.ts'
import { tenantOwnersContract } from './tenants/tenants-owners.contract.ts'
import { tenantsContract } from './tenants/tenants.contract.ts'
import { accessTokensContract } from './tokens/access-tokens.contract.ts'
import { refreshTokensContract } from './tokens/access-tokens-refreshed.contract.ts'
import { endedAppsContract } from './tokens/access-tokens-ended.contract.ts'
import { tenantAppsContract } from './tokens/access-tokens-tenants.contract.ts'
import { tenantKeysContract } from './tokens/api-keys-tenants.contract.ts'
import { apiKeysContract } from './tokens/api-keys.contract.ts'
import { servicesContract } from './tokens/api-keys-services.contract.ts'
import { signingKeysContract } from './tokens/signing-keys.contract.ts'
import { usersContract } from './users/users.contract.ts'

export function accountsContract(name: string, open: Open, skip: string | false = false): void {
  addressesContract(name, open, skip)
  breakerContract(name, open, skip)
  browsersContract(name, open, skip)
  trustedDevicesContract(name, open, skip)
  concurrentContract(name, open, skip)
  fanOutContract(name, open, skip)
  factorsContract(name, open, skip)
  factorsUsedContract(name, open, skip)
  factorsKeptContract(name, open, skip)
  identitiesContract(name, open, skip)
  importedContract(name, open, skip)
  knownDevicesContract(name, open, skip)
  linksContract(name, open, skip)
  newcomersContract(name, open, skip)
  invitedContract(name, open, skip)
  verifiedContract(name, open, skip)
  mailDoorsContract(name, open, skip)
  mailCodesContract(name, open, skip)
  mailFactorContract(name, open, skip)
  passwordContract(name, open, skip)
  passkeysContract(name, open, skip)
  passkeyStepContract(name, open, skip)
  passkeysKeptContract(name, open, skip)
  passkeySignUpContract(name, open, skip)
  recoveryContract(name, open, skip)
  unlockContract(name, open, skip)
  delayedContract(name, open, skip)
  passwordRulesContract(name, open, skip)
  sessionsContract(name, open, skip)
  usersContract(name, open, skip)
  setUpContract(name, open, skip)
  apiKeysContract(name, open, skip)
  servicesContract(name, open, skip)
  tenantKeysContract(name, open, skip)
  tenantAppsContract(name, open, skip)
  accessTokensContract(name, open, skip)
  refreshTokensContract(name, open, skip)
  endedAppsContract(name, open, skip)
  signingKeysContract(name, open, skip)
  changeAddressContract(name, open, skip)
  noticesContract(name, open, skip)
  deletionsContract(name, open, skip)
  tenantsContract(name, open, skip)
  actingInTenantsContract(name, open, skip)
  tenantOwnersContract(name, open, skip)
  tenantInvitationsContract(name, open, skip)
  addedContract(name, open, skip)
  approvalsContract(name, open, skip)
  breakGlassContract(name, open, skip)
  impersonationContract(name, open, skip)
}
