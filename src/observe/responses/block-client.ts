/**
 * Refuses the requests of one address for a time: an IPv4 address, or an IPv6 /64. Others may be behind the same address, so who was
 * signed in there before goes on, unless `everybody` is said.
 */
import { DAY, defineResponse, HOUR, MINUTE } from './response.ts'
import { blockable, clientNetwork, isRefused, yesSetting } from './targets.ts'

export const blockClient = defineResponse({
  name: 'block-client',
  what: 'Refuses the requests of one address (IPv6: of its /64) for a time; who was signed in there before goes on.',
  subjects: ['client'],
  settings: { everybody: 'yes: also who was signed in there before [no]' },
  lasts: { usual: HOUR, most: 7 * DAY },
  automatic: { most: 15 * MINUTE, perDay: 12, on: 'actors' },
  async plan(asked, levers) {
    const everybody = yesSetting(asked, 'everybody', false)
    const meant = isRefused(everybody) ? everybody : blockable(asked, levers, { 4: 32, 6: 64 })
    if (isRefused(meant)) return meant
    const network = clientNetwork(meant.text)!
    const says = `Refuses requests of ${network}${everybody === true ? '' : ', but not of who was signed in there before'}.`
    return { ok: true, says, touches: 1, hold: { kind: 'block', network, everybody: everybody === true } }
  },
})
