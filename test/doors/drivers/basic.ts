/** A program with an API key in the words of HTTP Basic. */
import type { Driver } from '../driver.ts'
import { DAY } from '../driver.ts'
import type { Step } from '../stage.ts'
import { apiKey, keyOf } from './api-key.ts'

/** The key of a step, in other words. */
function asBasic({ headers, ...step }: Step): Step {
  const key = headers?.['authorization']?.slice('Bearer '.length)
  return { ...step, headers: { authorization: `Basic ${Buffer.from(`:${key}`).toString('base64')}` } }
}

export const basic: Driver = {
  ...apiKey,
  way: 'basic',
  life: 30 * DAY + 1,
  async arrange(stage) {
    const key = await keyOf(stage)
    const bearer = { method: 'POST', path: '/api/notes', headers: { authorization: `Bearer ${key}` } }
    return { client: stage.visitor(), step: asBasic(bearer), secrets: [key] }
  },
  wrong: (right, turn) => asBasic(apiKey.wrong!(right, turn)),
  async pair(stage) {
    const [known, unknown] = await apiKey.pair!(stage)
    return [asBasic(known), asBasic(unknown)]
  },
}
