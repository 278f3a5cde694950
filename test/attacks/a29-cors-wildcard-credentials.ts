import { HoldfastError } from '../../src/engine/errors.ts'
import { startApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A29',
  title: 'every origin is allowed to read with credentials, by a line that looks harmless',
  control: 'cors',
  without: { heldBy: 'start-up', why: 'the process does not start' },
  async succeeds() {
    try {
      await using app = await startApp({ options: { cors: { origins: ['*'], credentials: true } } })
      return app.port > 0
    } catch (error) {
      if (error instanceof HoldfastError && error.code === 'HF_OPTION_INVALID') return false
      throw error
    }
  },
})
