import { defineAttack } from '../support/attack.ts'
import { triedAtBoth } from '../support/form-attacks.ts'

export default defineAttack({
  id: 'A231',
  title: 'sends a name twice, so that two readers take two values, or a list where a text is meant (CWE-235)',
  control: 'forms',
  adapters: 'all',
  without: { heldBy: 'design', why: 'a name twice is refused unless its field says how many may come' },
  async succeeds(app) {
    for (const name of ['title', 'count', 'size', 'agreed', 'secret', 'back'])
      if (await triedAtBoth(app, { texts: { [name]: ['1', '2'] } }, (accepted) => accepted?.[name] !== undefined)) return true
    return false
  },
})
