/** Refuses the requests of a network for a short time. Many people may be in one: a person decides, and it is never wide or long. */
import { DAY, defineResponse, HOUR } from './response.ts'
import { blockable, isRefused, yesSetting } from './targets.ts'

/** A /20 is 4096 addresses, an IPv6 /40 what a provider gives to 256 customers: wider ones are no network of an attacker. */
const WIDEST = { 4: 20, 6: 40 } as const

export const blockNetwork = defineResponse({
  name: 'block-network',
  what: 'Refuses the requests of a network (at most an IPv4 /20 or an IPv6 /40) for at most a day.',
  subjects: ['network', 'client'],
  settings: { everybody: 'yes: also who was signed in there before [no]' },
  lasts: { usual: HOUR, most: DAY },
  async plan(asked, levers) {
    const everybody = yesSetting(asked, 'everybody', false)
    const meant = isRefused(everybody) ? everybody : blockable(asked, levers, WIDEST)
    if (isRefused(meant)) return meant
    const size = 2 ** Math.min((meant.family === 4 ? 32 : 64) - meant.bits, 40)
    const what = meant.family === 4 ? 'addresses' : '/64 networks'
    return {
      ok: true,
      says: `Refuses requests of ${meant.text}: ${Math.max(1, size)} ${what}.`,
      touches: Math.max(1, size),
      hold: { kind: 'block', network: meant.text, everybody: everybody === true },
    }
  },
})
