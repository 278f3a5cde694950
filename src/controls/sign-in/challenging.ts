/**
 * Asks for work before a form is looked at, while sign-ins fail everywhere: at every page whose door says so (`challenged`), of everybody
 * whose browser the account does not know. Done here, before the door, so that it is missing at none. Decision 26.
 */
import { originOf, sentForm } from '../../console/form.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { RequestId } from '../../engine/facts.ts'
import { answer, type Reply } from '../../engine/reply.ts'
import { PROBLEM_TYPE, problemJson } from '../../http/problem.ts'
import { createChallenges, WAIT, type Challenge } from './challenge.ts'
import type { Desk } from './desk.ts'
import { readChallenge, scriptOfChallenge, type ChallengeOptions } from './challenge-options.ts'
import type { DoorPath, Page } from './doors/door.ts'
import { ChallengeShown } from './slot.ts'

type Work = (x: Exchange) => Reply | Promise<Reply>

export interface Challenging {
  /** Wraps what a page shows: its form has a challenge, where one will be asked for. */
  show(x: Exchange, show: Work): Reply | Promise<Reply>
  /** Wraps what its form does. */
  act(x: Exchange, page: Page, act: Work): Reply | Promise<Reply>
}

const RETRY = { 'retry-after': String(WAIT / 1000) }

export function createChallenging(desk: Desk, pages: readonly DoorPath[]): Challenging {
  const { accounts, setting, emit, knownDevice } = desk
  const { when, difficulty }: ChallengeOptions = readChallenge(desk.options.challenge)
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

  function put(x: Exchange, bits: number): Challenge {
    const made = challenges.issue(boundOf(x), bits)
    x.set(ChallengeShown, { ...made, script })
    return made
  }

  /** The page once more, with its form and what is asked for; a program gets the parameters. */
  async function ask(x: Exchange, page: Page, bits: number): Promise<Reply> {
    const made = put(x, bits)
    if (page.show && !sentForm(x).json) {
      const shown = await page.show(x)
      return shown.status === 200 ? { ...shown, status: 403, head: { ...shown.head, ...RETRY } } : shown
    }
    const instance = x.get(RequestId)
    const challenge = { kind: 'proof-of-work', hash: 'SHA-256', ...made }
    const problem = { status: 403, code: 'challenge-required', challenge, ...(instance !== undefined && { instance }) }
    return answer(403, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...RETRY }, problemJson(problem))
  }

  return {
    async show(x, show) {
      if (!fields.has(x.path)) return show(x)
      const bits = await asked()
      // Whose browser this is, is known when a name was typed; somebody who signed in here before is not kept waiting.
      if (bits !== undefined && knownDevice.read(x) === undefined) put(x, bits)
      return show(x)
    },

    async act(x, page, act) {
      const field = fields.get(x.path)
      const bits = field === undefined ? undefined : await asked()
      if (field === undefined || bits === undefined) return act(x)
      const sent = sentForm(x)
      if (accounts.knownDevices.knows(originOf(x).knownDevice, sent.text(field))) return act(x)
      const given = { challenge: sent.text('challenge'), solution: sent.text('solution') }
      const solved = await challenges.take(boundOf(x), given, bits)
      if (solved.ok) {
        put(x, bits)
        return act(x)
      }
      emit({ type: 'authn_challenge_fail', data: { reason: solved.reason } }, x)
      return ask(x, page, bits)
    },
  }
}
