/** The way to a provider: begun by a form of ours, tied to this browser, and gone by the browser itself. */
import { json, sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { Session } from '../../session/slot.ts'
import { destination, withNext } from '../desk.ts'
import type { Purpose } from '../providers/flows.ts'
import type { Page } from './door.ts'
import { failed, isRecent, onward, PROBLEMS, type ProviderDesk } from './provider-desk.ts'

const PURPOSES: ReadonlyMap<string, Purpose> = new Map([
  ['', 'sign-in'],
  ['sign-in', 'sign-in'],
  ['again', 'again'],
  ['link', 'link'],
])
const NOBODY = deny(401, 'sign-in-required')
const PROVE = deny(401, 'recent-proof-required', { reason: 'linking an identity' })
const NOT_UNDERSTOOD = deny(400, 'bad-request', { reason: 'purpose' })
const NOT_FOUND = deny(404, 'not-found')

/** The page has nothing to show: whoever comes by a link has pressed no button. */
export function leaving(desk: ProviderDesk): Page {
  const { id, provider, options, flows, client, emit } = desk

  /** Why it cannot begin, if it cannot. */
  async function obstacle(x: Exchange, purpose: Purpose): Promise<Reply | undefined> {
    // The first account of all is the administrator's, and is made with the code alone.
    if (await desk.setUpIsOpen()) return seeOther(options.setUpPath)
    if (purpose === 'sign-in') return undefined
    const session = x.get(Session)
    if (!session) return NOBODY
    if (purpose === 'again') return provider.provesAgain ? undefined : NOT_FOUND
    if (isRecent(x, session)) return undefined
    return sentForm(x).json ? PROVE : seeOther(withNext(desk, options.againPath, options.identitiesPath))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const purpose = PURPOSES.get(sent.text('purpose'))
    if (purpose === undefined) return NOT_UNDERSTOOD
    const stop = await obstacle(x, purpose)
    if (stop) return stop
    const next = purpose === 'link' ? options.identitiesPath : destination(desk, sent.text('next'))
    const session = x.get(Session)?.session.id
    const flow = flows.begin({ provider: id, purpose, next, session, again: purpose === 'again' })
    const begun = await client.begin(flow)
    if (!begun.ok) {
      emit({ type: 'authn_provider_fail', data: { provider: id, reason: begun.reason, detail: begun.detail } }, x)
      return failed(desk, x, PROBLEMS[begun.reason], purpose)
    }
    await flows.keep(x, flow)
    if (sent.json) return json({ ok: true, location: begun.url })
    const { label } = provider
    return onward(desk, x, begun.url, {
      title: `To ${label}`,
      words: `You are sent on to ${label}, which will say who you are.`,
      way: `Continue to ${label}`,
    })
  }

  return { act }
}
