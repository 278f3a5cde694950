/** The way back from a provider: the answer must belong to a question that this browser asked it, and then whoever it names goes on. */
import { json, sentForm } from '../../../console/form.ts'
import type { ProvedIdentity, SignIn } from '../../../accounts/types.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { Session, type CurrentSession } from '../../session/slot.ts'
import { admit, afterwards, askForMore, originOf, turnAway } from '../desk.ts'
import type { Flow } from '../providers/flows.ts'
import type { Page } from './door.ts'
import { actorOf, callbackPath, failed, onward, PROBLEMS, type Problem, type ProviderDesk } from './provider-desk.ts'

/** What a provider may send back; the rest of a form is dropped. */
const SENT = ['code', 'state', 'iss', 'error'] as const
const LONGEST = 4096
const READ_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD' } })

export function returning(desk: ProviderDesk): Page {
  const { id, provider, options, accounts, flows, departures, client, emit } = desk

  function fail(x: Exchange, flow: Flow | undefined, problem: Problem, detail: string): Reply {
    const data = { provider: id, reason: problem.code, detail, purpose: flow?.purpose }
    emit({ type: 'authn_provider_fail', data }, x)
    return failed(desk, x, problem, flow?.purpose ?? 'sign-in')
  }

  async function show(x: Exchange): Promise<Reply> {
    // What a browser fetches ahead has no right to use up what comes back once.
    if (x.method !== 'GET' || x.search.length > LONGEST) return fail(x, undefined, PROBLEMS.flow, 'malformed')
    const answer = new URLSearchParams(x.search)
    const states = answer.getAll('state')
    const flow = states.length === 1 ? await flows.take(x, id, states[0]!) : undefined
    if (flow === undefined) return fail(x, undefined, PROBLEMS.flow, 'state')
    const session = x.get(Session)
    // Who began as one person, and is another by now, or nobody, proves and links nothing.
    if (flow.purpose !== 'sign-in' && (!session || session.session.id !== flow.session))
      return fail(x, flow, PROBLEMS.flow, 'session')
    const proved = await client.finish(answer, flow)
    if (!proved.ok) return fail(x, flow, PROBLEMS[proved.reason], proved.detail)
    const identity = { ...proved.identity, provider: id }
    if (flow.purpose === 'link') return await link(x, flow, session!, identity)
    return flow.purpose === 'again' ? await again(x, flow, session!, identity) : await enter(x, flow, identity, proved.wayOut)
  }

  async function enter(x: Exchange, flow: Flow, identity: ProvedIdentity, wayOut: string | undefined): Promise<Reply> {
    const signUp = provider.signUp === 'open' && !(await desk.setUpIsOpen()) ? { roles: provider.roles } : undefined
    const replaces = x.get(Session)?.token.reveal()
    const result = await accounts.doors.provider.signIn({ identity, signUp, replaces }, originOf(x))
    // Whose second factor is missing gets the session at another door.
    const admitted = result.ok || result.reason === 'second-factor'
    if (wayOut !== undefined && admitted) await departures.keep(identity, id, wayOut)
    if (result.ok) {
      desk.waiting.drop(x)
      return admit(x, sentForm(x), result, afterwards(desk, result.principal, flow.next))
    }
    if (result.reason === 'unknown-identity') return fail(x, flow, PROBLEMS.unknown, result.reason)
    if (result.reason === 'address-taken') return fail(x, flow, PROBLEMS.address, result.reason)
    return result.reason === 'denied' ? fail(x, flow, PROBLEMS.denied, result.reason) : more(x, flow, result)
  }

  async function again(x: Exchange, flow: Flow, { token }: CurrentSession, identity: ProvedIdentity): Promise<Reply> {
    const result = await accounts.doors.provider.proveAgain({ token: token.reveal(), identity }, originOf(x))
    if (result.ok) return admit(x, sentForm(x), result, flow.next)
    return result.reason === 'denied' ? fail(x, flow, PROBLEMS.other, result.reason) : more(x, flow, result)
  }

  /**
   * The second factor, or a wait. Whoever came from another site has no cookie that is `Strict` on a redirect from here, and the one of
   * what waits is: so the page of the second step is gone to from a page of ours.
   */
  function more(x: Exchange, { next }: Flow, result: Exclude<SignIn, { ok: true } | { reason: 'denied' }>): Reply {
    const json = sentForm(x).json
    const sent = { json, text: (name: string) => (name === 'next' ? next : '') }
    if (result.reason !== 'second-factor')
      return turnAway(sent, result, (words) => failed(desk, x, { ...PROBLEMS.denied, words: () => words }, 'sign-in').body ?? '')
    const reply = askForMore(desk, x, sent, result)
    const to = reply.head?.['location']
    if (json || to === undefined) return reply
    return onward(desk, x, to, { title: 'One more step', words: 'Your second factor is asked for next.', way: 'Continue' })
  }

  async function link(x: Exchange, flow: Flow, current: CurrentSession, identity: ProvedIdentity): Promise<Reply> {
    const linked = await accounts.identities.link(current.principal.id, identity, actorOf(current), x)
    if (!linked.ok) return failed(desk, x, PROBLEMS.taken, flow.purpose)
    return sentForm(x).json ? json({ ok: true, next: flow.next }) : seeOther(flow.next)
  }

  /**
   * The answer as a form (`form_post`). It comes from the provider's page, so the browser sends no cookie of ours with it and the control
   * against cross-site requests has to let it through. Nothing is done here for that reason: it becomes the address of this page,
   * where it has to belong to this browser as any other answer.
   */
  function act(x: Exchange): Reply {
    if (provider.responseMode !== 'form_post') return READ_ONLY
    const sent = sentForm(x)
    const given = SENT.map((name) => [name, sent.text(name)] as const).filter(([, value]) => value !== '')
    const query = new URLSearchParams(Object.fromEntries(given)).toString()
    if (query.length > LONGEST) return page('', 400)
    return seeOther(`${callbackPath(options, id)}?${query}`)
  }

  return { show, act }
}
