/**
 * Asks for somebody else's CAPTCHA in place of our work, and says what comes instead when they do not answer: with `'work'` our own, for a minute, at
 * every process; with `'refuse'` nothing. Each answer is good once, whatever they say of it.
 */
import { sha256 } from '../../../crypto/hash.ts'
import { originOf, sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import type { Desk } from '../desk.ts'
import { actionOf, isToken, type Captcha, type CaptchaVerdict } from './captcha.ts'

/** `absent`: no answer was sent. `down`: they did not answer. */
export type CaptchaPassed =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'absent' | 'refused' | 'used' | 'down' }

export interface CaptchaAsking {
  /** Whether it is asked for now, in place of work. */
  isUp(): Promise<boolean>
  pass(x: Exchange): Promise<CaptchaPassed>
}

const DOWN = 'captcha:down'
const DOWN_FOR = 60_000
/** Longer than any of them takes an answer. */
const REMEMBERED = 900_000

export function createCaptchaAsking(
  { setting, emit }: Pick<Desk, 'setting' | 'emit'>,
  captcha: Captcha,
  { whenDown, timeout }: { readonly whenDown: 'work' | 'refuse'; readonly timeout: number },
): CaptchaAsking {
  const { once, now, site } = setting

  /** In time, or not at all: a verifier that hangs, or throws, is one that does not answer. */
  async function verify(x: Exchange, token: string): Promise<CaptchaVerdict> {
    const late = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const end = new Promise<CaptchaVerdict>((resolve) => {
      timer = setTimeout(() => {
        late.abort()
        resolve({ ok: false, reason: 'unavailable', detail: 'too-late' })
      }, timeout)
    })
    const client = { address: originOf(x).address, hostname: site.hostname, action: actionOf(x.path), signal: late.signal }
    try {
      return await Promise.race([captcha.verify(token, client, { emit, x }), end])
    } catch {
      return { ok: false, reason: 'unavailable', detail: 'threw' }
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    isUp: async () => whenDown === 'refuse' || (await once.get(DOWN, now())) === undefined,

    async pass(x) {
      const token = sentForm(x).text(captcha.field)
      if (token === '') return { ok: false, reason: 'absent' }
      if (!isToken(token)) return { ok: false, reason: 'refused' }
      const verdict = await verify(x, token)
      if (isYes(verdict)) {
        const first = await once.incrementIf(`captcha:${sha256(token)}`, 1, REMEMBERED, now())
        return first.ok ? { ok: true } : { ok: false, reason: 'used' }
      }
      const { reason, detail } = readRefusal(verdict)
      if (reason === 'refused') return { ok: false, reason }
      await once.put(DOWN, '1', DOWN_FOR, now())
      emit({ type: 'authn_captcha_lost', data: { captcha: captcha.name, detail, instead: whenDown } }, x)
      return { ok: false, reason: 'down' }
    },
  }
}

/** Only a plain yes is one: a verifier of one's own may answer anything. */
function isYes(verdict: unknown): boolean {
  return typeof verdict === 'object' && verdict !== null && 'ok' in verdict && verdict.ok === true
}

function readRefusal(verdict: unknown): { readonly reason: 'refused' | 'unavailable'; readonly detail: string } {
  const { reason, detail } = (typeof verdict === 'object' && verdict !== null ? verdict : {}) as Record<string, unknown>
  const said = typeof detail === 'string' ? detail.slice(0, 80) : 'no-verdict'
  return { reason: reason === 'refused' ? 'refused' : 'unavailable', detail: said }
}
