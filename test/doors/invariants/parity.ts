/** With an account and without: the same bytes, fields, queries, hashes and letters (L73, L76, L77, L79, L80). */
import { expectParity } from '../../../src/testing/index.ts'
import type { Invariant } from '../invariant.ts'

export const parity: Invariant = {
  name: 'parity',
  async holds(stage, driver) {
    if (driver.pair === undefined) throw new Error(`The driver of ${driver.way} has no pair.`)
    const [known, unknown] = await driver.pair(stage)
    // What is made once and kept, such as a statement, is made by the first.
    await stage.take(unknown, stage.visitor())
    await stage.holdfast.incidents.settled()
    const one = await stage.measure(() => stage.take(known, stage.visitor()))
    // What is written down afterwards is no work of the answer.
    await stage.holdfast.incidents.settled()
    const other = await stage.measure(() => stage.take(unknown, stage.visitor()))
    expectParity(one, other)
  },
  weakened: {
    way: 'password',
    after({ holdfast: { accounts } }) {
      const { signIn } = accounts.doors.password
      Object.assign(accounts.doors.password, {
        // A look at the address of those who have an account.
        async signIn(...[input, from]: Parameters<typeof signIn>) {
          const user = await accounts.users.byLogin(input.login)
          if (user) await accounts.users.byId(user.id)
          return await signIn(input, from)
        },
      })
    },
  },
}
