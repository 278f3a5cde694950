/** Makes a limit tighter for everybody: each request takes several from it. */
import { DAY, defineResponse, HOUR, MINUTE, no } from './response.ts'
import { isRefused, numberSetting } from './targets.ts'

export const tightenLimit = defineResponse({
  name: 'tighten-limit',
  what: 'Makes one limit, or all of them, tighter for everybody: each request takes `factor` from it.',
  subjects: [],
  settings: { limit: 'name of a limit [all]', factor: 'how many each request takes, 2 to 50 [4]' },
  lasts: { usual: HOUR, most: 7 * DAY },
  automatic: { most: 30 * MINUTE, perDay: 6, on: 'concerned' },
  async plan(asked, levers) {
    const factor = numberSetting(asked, 'factor', asked.automatic ? 2 : 4, 2, asked.automatic ? 4 : 50)
    if (isRefused(factor)) return factor
    const limit = asked.settings['limit']
    if (limit !== undefined && !levers.limits.includes(limit))
      return no('setting-invalid', `There is no limit "${limit.slice(0, 32)}". There are: ${levers.limits.join(', ')}.`)
    const says = `Makes ${limit === undefined ? 'all limits' : `the limit ${limit}`} ${factor} times as tight.`
    return { ok: true, says, touches: 1, hold: { kind: 'slow', factor, ...(limit !== undefined && { limit }) } }
  },
})
