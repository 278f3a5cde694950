/** After the wrong guesses that an account allows, the right one is refused as well (L04, L05, L27). */
import { arranged, assertRefused, type Invariant } from '../invariant.ts'
import { forgetfulStore } from '../../support/weak-store.ts'

/** A code of a letter counts its own tries. */
const UNTRIED = `CREATE TRIGGER untried AFTER UPDATE OF tries ON hf_mail_codes
  BEGIN UPDATE hf_mail_codes SET tries = 0 WHERE challenge = NEW.challenge; END`

/** As many as any door allows, and one more. */
const GUESSES = 6

export const locked: Invariant = {
  name: 'locked',
  async holds(stage, driver) {
    const { client, step } = await arranged(stage, driver)
    for (let turn = 0; turn < GUESSES; turn++) assertRefused(await stage.take(driver.wrong!(step, turn), client))
    assertRefused(await stage.take(step, client))
  },
  weakened: () => ({ database: () => forgetfulStore(':fail:'), after: (stage) => stage.run(UNTRIED) }),
}
