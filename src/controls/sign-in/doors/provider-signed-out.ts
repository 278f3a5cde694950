/**
 * Where a provider sends people back who signed out there, too. They are signed out here already, and nothing is done: an answer that
 * nobody here asked for is led to the sign-in page without a word of having signed out. Source: RP-Initiated Logout 1.0 section 3.
 */
import { seeOther } from '../../../engine/reply.ts'
import type { Page } from './door.ts'
import type { ProviderDesk } from './provider-desk.ts'

export function signedOutThere({ id, options, departures, emit }: ProviderDesk): Page {
  return {
    async show(x) {
      const states = new URLSearchParams(x.search).getAll('state')
      // What a browser fetches ahead has no right to use up what counts once.
      if (x.method === 'GET' && states.length === 1 && (await departures.arrive(id, states[0]!)))
        return seeOther(`${options.path}?signed-out`)
      emit(
        { type: 'authn_provider_fail', data: { provider: id, reason: 'sign-in-expired', detail: 'state', purpose: 'sign-out' } },
        x,
      )
      return seeOther(options.path)
    },
  }
}
