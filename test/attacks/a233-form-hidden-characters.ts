import { defineAttack } from '../support/attack.ts'
import { ORDER_JSON, triedAtBoth } from '../support/form-attacks.ts'

/** Turned around, in another colour, invisible, blank. NUL comes through neither parser of the body control. */
const TITLES = ['inv\u202egnp.exe', 'a\u2066b\u2069', 'a\x1b[8mb', 'a\u2028b', 'ok\u{e0061}\u{e0062}', '\u200b\u2060', 'a\x85b']

export default defineAttack({
  id: 'A233',
  title: 'hides in a text what people do not see, or see in another order (CWE-1007, Trojan Source)',
  control: 'forms',
  adapters: 'all',
  without: { heldBy: 'design', why: 'characters of control and direction are refused unless the field allows them' },
  async succeeds(app) {
    for (const title of TITLES) {
      const arrives = (accepted: Readonly<Record<string, unknown>> | undefined) => accepted?.['title'] === title
      if (await triedAtBoth(app, { json: { ...ORDER_JSON, title } }, arrives)) return true
      if (await triedAtBoth(app, { texts: { title } }, arrives)) return true
    }
    return false
  },
})
