/**
 * The door of the sealed account: what was in the envelope, once. It asks for no mail, no provider and no second factor, which may be what is down;
 * so it is loud: a critical event, a letter to everybody who administers, and an hour that nothing extends.
 * Sources: NIST SP 800-53 AC-2(2); OWASP ASVS 5.0 6.4.5; lessons L23, L25.
 */
import { UNSEAL } from '../approvals/kit.ts'
import { sealOf, SEALED, spendSeal } from '../break-glass/seals.ts'
import { tellAdministrators } from '../break-glass/tell.ts'
import type { BreakGlassDoor } from '../break-glass/types.ts'
import type { SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'break-glass'
/** As whom it asks for a second person: nobody is signed in. */
const ASKER = { kind: 'system', id: NAME } as const
const DENIED: SignIn = { ok: false, reason: 'denied' }

/** Opens the door. */
export function breakGlassDoor(setting: DoorSetting): BreakGlassDoor {
  const { database, throttle, gate, approvals, approved, sealLife, emit, now } = setting

  /** When the question runs out, where somebody else has to say yes first. */
  async function waitsUntil(seal: string): Promise<number | undefined> {
    if (!approved.needsApproval(UNSEAL)) return undefined
    const params = { seal }
    if ((await approvals.find(ASKER, UNSEAL, params))?.state === 'given') return undefined
    const asked = await approvals.ask(ASKER, UNSEAL, params, 'Somebody has opened the envelope.')
    return asked.ok ? asked.approval.expiresAt : now()
  }

  return {
    async open({ parts, replaces }, from) {
      const admission = await throttle.admit(NAME, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const seal = await sealOf(database.kysely, parts)
      if (!seal) {
        await attempt.fail()
        return DENIED
      }
      const until = await waitsUntil(seal.id)
      if (until !== undefined) {
        await attempt.cancel()
        return { ok: false, reason: 'approval', until }
      }
      const flow = { userId: seal.user_id, from, attempt, replaces, life: sealLife }
      const at = now()
      const opened = await gate.complete(
        {
          ...flow,
          async spend(tx, tell) {
            const wanted = { actor: ASKER, act: UNSEAL, params: { seal: seal.id } }
            if (!(await approved.spend(tx, tell, wanted, from.exchange)) || !(await spendSeal(tx, seal.id, at))) return false
            await tellAdministrators(tx, setting, { address: from.address, at, minutes: Math.round(sealLife / 60_000) })
            return true
          },
        },
        [{ door: NAME, amr: SEALED, at }],
      )
      if (!opened.ok) return opened
      const data = {
        seal: seal.id,
        userId: seal.user_id,
        session: opened.session.id,
        until: new Date(opened.session.expiresAt).toISOString(),
      }
      emit({ type: 'authn_break_glass_opened', data }, from.exchange)
      return opened
    },
  }
}
