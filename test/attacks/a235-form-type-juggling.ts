import { defineAttack } from '../support/attack.ts'
import { ORDER_JSON, triedAtBoth } from '../support/form-attacks.ts'

const VALUES: readonly unknown[] = [{ $ne: '' }, { $gt: '' }, ['Herons'], 0, true, null, { length: 1 }, { toString: 'x' }]

export default defineAttack({
  id: 'A235',
  title:
    'sends an operator of a database, a list or a number where a text is meant, and texts where numbers are (CWE-843, NoSQL injection)',
  control: 'forms',
  adapters: 'all',
  without: { heldBy: 'design', why: 'every field has one type in JSON, and nothing is made into it' },
  async succeeds(app) {
    for (const name of ['title', 'size', 'notes', 'secret', 'back', 'slug']) {
      for (const value of VALUES) {
        const sent = { ...ORDER_JSON, [name]: value }
        if (await triedAtBoth(app, { json: sent }, (accepted) => JSON.stringify(accepted?.[name]) === JSON.stringify(value)))
          return true
      }
    }
    for (const count of ['2', [2], true, '0x2', { valueOf: 2 }])
      if (await triedAtBoth(app, { json: { ...ORDER_JSON, count } }, (accepted) => accepted !== undefined)) return true
    for (const count of ['2e0', '0x2', '02', '２', '2.0', '+2', '2,0', '1_0'])
      if (await triedAtBoth(app, { texts: { count } }, (accepted) => accepted !== undefined)) return true
    return false
  },
})
