/**
 * Asks for work before a form is looked at, while sign-ins fail everywhere: at every page whose door says so (`challenged`), of everybody
 * whose browser the account does not know. Done here, before the door, so that it is missing at none. Decision 26.
 */
import { nonceOf, originOf, sentForm } from '../../console/form.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { RequestId } from '../../engine/facts.ts'
import { answer, deny, type Reply } from '../../engine/reply.ts'
import { PROBLEM_TYPE, problemJson } from '../../http/problem.ts'
import { createChallenges, WAIT, type Solved } from './challenge.ts'
import type { Desk } from './desk.ts'
import { readChallenge, scriptOfChallenge, type ChallengeOptions } from './challenge-options.ts'
import type { DoorPath, Page } from './doors/door.ts'
import { createCaptchaAsking } from './captcha/asking.ts'
import { actionOf } from './captcha/captcha.ts'
import { MoreSources } from '../headers/slot.ts'
import { ChallengeShown } from './slot.ts'

type Work = (x: Exchange) => Reply | Promise<Reply>

export interface Challenging {
  /** Wraps what a page shows: its form has a challenge, where one will be asked for. */
  show(x: Exchange, show: Work): Reply | Promise<Reply>
  /** Wraps what its form does. */
  act(x: Exchange, page: Page, act: Work): Reply | Promise<Reply>
}

/** What a program is asked for. */
type Asked = Readonly<Record<string, string | number>>

const CLOSED = deny(503, 'captcha-down', { head: { 'retry-after': '60' } })
const RETRY = { 'retry-after': String(WAIT / 1000) }

export function createChallenging(desk: Desk, pages: readonly DoorPath[]): Challenging {
  const { accounts, setting, emit, knownDevice } = desk
  const { when, difficulty, captcha, whenCaptchaIsDown, captchaTimeout }: ChallengeOptions = readChallenge(desk.options.challenge)
  const asking = captcha && createCaptchaAsking(desk, captcha, { whenDown: whenCaptchaIsDown, timeout: captchaTimeout })
  const challenges = createChallenges(setting)
  const script = scriptOfChallenge(desk.options)
  const fields = new Map(pages.flatMap(({ path, challenged }) => (challenged === undefined ? [] : [[path, challenged] as const])))
  const boundOf = (x: Exchange) => ({ action: x.path, network: originOf(x).network })

  /** How many bits are asked for now; `undefined`: none. */
  async function asked(): Promise<number | undefined> {
    const strain = await accounts.breaker.strain()
    if (strain !== undefined) return difficulty + strain
    return when === 'always' ? difficulty : undefined
  }

  /** The challenge stands there beside a CAPTCHA, too: for who runs no script and waits. */
  async function put(x: Exchange, bits: number): Promise<Asked> {
    const made = challenges.issue(boundOf(x), bits)
    if (captcha === undefined || !(await asking!.isUp())) {
      x.set(ChallengeShown, { ...made, script })
      return { kind: 'proof-of-work', hash: 'SHA-256', ...made }
    }
    const action = actionOf(x.path)
    const widget = captcha.widget({ nonce: nonceOf(x), action })
    x.set(ChallengeShown, { ...made, script, widget, waits: whenCaptchaIsDown === 'work' })
    x.set(MoreSources, captcha.sources)
    return { kind: 'captcha', captcha: captcha.name, field: captcha.field, action, ...captcha.parameters }
  }

  /** Whether it was passed, or why not. Whoever runs no script may wait beside a CAPTCHA as beside the work, where one may do without it. */
  async function takes(x: Exchange, bits: number): Promise<'passed' | 'down' | { readonly reason: string }> {
    const sent = sentForm(x)
    const given = { challenge: sent.text('challenge'), solution: sent.text('solution') }
    if (asking === undefined || !(await asking.isUp())) return solvedOr(await challenges.take(boundOf(x), given, bits))
    const passed = await asking.pass(x)
    if (passed.ok) return 'passed'
    if (passed.reason === 'down') return 'down'
    const waits = passed.reason === 'absent' && whenCaptchaIsDown === 'work' && given.solution === ''
    return waits ? solvedOr(await challenges.take(boundOf(x), given, bits)) : { reason: `captcha-${passed.reason}` }
  }

  /** The page once more, with its form and what is asked for; a program gets the parameters. */
  async function ask(x: Exchange, page: Page, bits: number): Promise<Reply> {
    const challenge = await put(x, bits)
    if (page.show && !sentForm(x).json) {
      const shown = await page.show(x)
      return shown.status === 200 ? { ...shown, status: 403, head: { ...shown.head, ...RETRY } } : shown
    }
    const instance = x.get(RequestId)
    const problem = { status: 403, code: 'challenge-required', challenge, ...(instance !== undefined && { instance }) }
    return answer(403, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...RETRY }, problemJson(problem))
  }

  return {
    async show(x, show) {
      if (!fields.has(x.path)) return show(x)
      const bits = await asked()
      // Whose browser this is, is known when a name was typed; somebody who signed in here before is not kept waiting.
      if (bits !== undefined && knownDevice.read(x) === undefined) await put(x, bits)
      return show(x)
    },

    async act(x, page, act) {
      const field = fields.get(x.path)
      const bits = field === undefined ? undefined : await asked()
      if (field === undefined || bits === undefined) return act(x)
      const sent = sentForm(x)
      if (accounts.knownDevices.knows(originOf(x).knownDevice, sent.text(field))) return act(x)
      const taken = await takes(x, bits)
      if (taken === 'passed') {
        await put(x, bits)
        return act(x)
      }
      if (taken === 'down' && whenCaptchaIsDown === 'refuse') return CLOSED
      emit({ type: 'authn_challenge_fail', data: { reason: taken === 'down' ? 'captcha-down' : taken.reason } }, x)
      return ask(x, page, bits)
    },
  }
}

function solvedOr(solved: Solved): 'passed' | { readonly reason: string } {
  return solved.ok ? 'passed' : { reason: solved.reason }
}
