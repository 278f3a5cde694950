/**
 * What a browser is told to remember, whichever door somebody came in by: done here, after the door, so that it is missing at none.
 * Source: OWASP ASVS 5.0 7.2.4; OWASP Multifactor Authentication Cheat Sheet ("remembering a browser"); L110.
 */
import type { BrowserKind, BrowserLives, NewSession } from '../../accounts/types.ts'
import { DeviceToken } from '../../console/browser-cookies.ts'
import { originOf, sentForm } from '../../console/form.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Reply } from '../../engine/reply.ts'
import { Session } from '../session/slot.ts'
import type { Desk } from './desk.ts'
import { Admitted } from './slot.ts'

type Act = (x: Exchange) => Reply | Promise<Reply>

/** Wraps what a form does: fields `remember` and `trust` ask for it. Without either the form does what it did. */
export function createRemembering({ accounts, cookies }: Desk): (x: Exchange, act: Act) => Reply | Promise<Reply> {
  const { browsers } = accounts

  async function begin(x: Exchange, kind: BrowserKind, { token }: NewSession): Promise<void> {
    const [before, life] = [cookies[kind].read(x), browsers.lives[kind]]
    if (before !== undefined) await browsers.endByToken(kind, before, x)
    const made = await browsers.begin(kind, token, originOf(x))
    if (made && life !== undefined) cookies[kind].hold(x, made.reveal(), life)
  }

  /** Whoever the browser remembered before is not who signed in now. */
  async function forget(x: Exchange): Promise<void> {
    const before = cookies.remember.read(x)
    if (before !== undefined) await browsers.endByToken('remember', before, x)
    cookies.remember.drop(x)
  }

  async function note(x: Exchange, admitted: NewSession): Promise<void> {
    const sent = sentForm(x)
    if (sent.text('trust') !== '') await begin(x, 'trust', admitted)
    // Who proved it again is still in the session that was there.
    if (admitted.session.id === x.get(Session)?.session.id) return
    const life = browsers.lives.remember
    if (admitted.remember && life !== undefined) cookies.remember.hold(x, admitted.remember.reveal(), life)
    else if (sent.text('remember') !== '') await begin(x, 'remember', admitted)
    else await forget(x)
  }

  if (Object.keys(browsers.lives).length === 0) return (x, act) => act(x)
  return async (x, act) => {
    const device = cookies.trust.read(x)
    if (device !== undefined) x.set(DeviceToken, device)
    const reply = await act(x)
    const admitted = x.get(Admitted)
    if (admitted) await note(x, admitted)
    return reply
  }
}

/** What the boxes on the pages say; absent where it is off. */
export function boxesOf(lives: BrowserLives): { readonly remember: string | undefined; readonly trust: string | undefined } {
  return {
    remember: lives.remember === undefined ? undefined : `Keep me signed in on this device for ${inDays(lives.remember)}`,
    trust: lives.trust === undefined ? undefined : `Ask for no code on this device for ${inDays(lives.trust)}`,
  }
}

function inDays(life: number): string {
  const days = Math.round(life / 86_400_000)
  if (days > 1) return `${days} days`
  return days === 1 ? 'a day' : `${Math.max(1, Math.round(life / 3_600_000))} hours`
}
