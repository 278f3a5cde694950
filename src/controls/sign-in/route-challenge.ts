/**
 * The work at the application's own routes (`routes: [{ path: 'POST /contact', challenge: true }]`): looked at here, before the handler, so that no handler
 * can forget to. A form that comes without it is shown once more, with what was typed. Each route counts what comes, and becomes harder while it is much.
 * Sources: OWASP Automated Threats (OAT-017 Spamming, OAT-019 Account Creation); OWASP ASVS 5.0 2.4.1; lessons L30, L92, L107.
 */
import { pageFacts, originOf, sentForm } from '../../console/form.ts'
import { challengePart } from '../../console/pages/challenge.ts'
import { challengedFormPage } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Body, RequestId } from '../../engine/facts.ts'
import { answer, page, type Reply } from '../../engine/reply.ts'
import type { SafeHtml } from '../../html/html.ts'
import { PROBLEM_TYPE, problemJson } from '../../http/problem.ts'
import { createChallenges, WAIT, type Challenge } from './challenge.ts'
import { readChallenge, scriptOfChallenge } from './challenge-options.ts'
import type { Desk } from './desk.ts'
import { RouteChallenge } from './slot.ts'

export interface RouteChallenging {
  /** Goes on where the work was done. */
  guard(x: Exchange): Promise<Reply | undefined>
  /** Lets the page of this request make the field of a form. */
  offer(x: Exchange): void
}

/** So many a minute are an ordinary day for a form. */
const ORDINARY = 30
const MINUTE = 60_000
const HARDEST = 4
const MOST_COUNTED = 1_000_000
const RETRY = { 'retry-after': String(WAIT / 1000) }
const OURS: readonly string[] = ['challenge', 'solution']
export const WORDS =
  'Your browser has some work to do before the form is looked at. It keeps programs from sending it by the thousand.'

export function createRouteChallenging({ options, setting, emit }: Pick<Desk, 'options' | 'setting' | 'emit'>): RouteChallenging {
  const { difficulty } = readChallenge(options.challenge)
  const challenges = createChallenges(setting)
  const script = scriptOfChallenge(options)
  /** How much harder each route was when it was last looked at. Kept for pages alone; what is asked for is counted anew. */
  const latest = new Map<string, number>()

  const boundOf = (x: Exchange, route: string) => ({ action: route, network: originOf(x).network })

  /** Bits on top: with twice the ordinary one, with four times two. */
  async function strainOf(route: string): Promise<number> {
    const { limits, now } = setting
    const key = `challenge:load:${route}:${Math.floor(now() / MINUTE)}`
    const { count } = await limits.incrementIf(key, MOST_COUNTED, 2 * MINUTE, now())
    const strain = Math.min(HARDEST, Math.max(0, Math.floor(Math.log2(count / ORDINARY))))
    latest.set(route, strain)
    return strain
  }

  function field(x: Exchange, route: string): SafeHtml {
    const made = challenges.issue(boundOf(x, route), difficulty + (latest.get(route) ?? 0))
    return challengePart({ challenge: { ...made, script }, nonce: pageFacts(x).nonce }, WORDS)!
  }

  function ask(x: Exchange, made: Challenge): Reply {
    const body = x.get(Body)
    if (!sentForm(x).json && body?.type === 'application/x-www-form-urlencoded') {
      const model = { ...pageFacts(x), base: '', brand: options.brand, challenge: { ...made, script } }
      const shown = page(
        challengedFormPage({ ...model, action: `${x.path}${x.search}`, fields: typed(body.value, model.csrf?.name) }),
        403,
      )
      return { ...shown, head: { ...shown.head, ...RETRY } }
    }
    const instance = x.get(RequestId)
    const challenge = { kind: 'proof-of-work', hash: 'SHA-256', ...made }
    const problem = { status: 403, code: 'challenge-required', challenge, ...(instance !== undefined && { instance }) }
    return answer(403, { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', ...RETRY }, problemJson(problem))
  }

  return {
    offer: (x) => x.set(RouteChallenge, (route) => field(x, route)),

    async guard(x) {
      const route = `${x.method} ${x.path}`
      const bits = difficulty + (await strainOf(route))
      const sent = sentForm(x)
      const given = { challenge: sent.text('challenge'), solution: sent.text('solution') }
      const solved = await challenges.take(boundOf(x, route), given, bits)
      if (!solved.ok) {
        emit({ type: 'authn_challenge_fail', data: { reason: solved.reason, route } }, x)
        return ask(x, challenges.issue(boundOf(x, route), bits))
      }
      withoutOurs(x)
      return undefined
    },
  }
}

/** What stands in the body for us is not the application's: its own schema would refuse it. */
function withoutOurs(x: Exchange): void {
  const body = x.get(Body)
  if (body === undefined || typeof body.value !== 'object' || body.value === null) return
  const rest: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(body.value)) if (!OURS.includes(name)) rest[name] = value
  x.set(Body, { ...body, value: rest })
}

/** What somebody typed, to be sent once more; never the token against forgery, which the page has anew. */
function typed(value: unknown, csrf: string | undefined): readonly (readonly [name: string, value: string])[] {
  return Object.entries(value as object).flatMap(([name, one]) => {
    if (OURS.includes(name) || name === csrf || name === '_csrf') return []
    return (Array.isArray(one) ? one : [one]).map((text) => [name, String(text)] as const)
  })
}
