/** Name and password. */
import type { Driver } from '../driver.ts'
import { fromExample, withFields } from '../driver.ts'

const WRONG = 'velvet anchor prairie sundial'

export const password: Driver = {
  way: 'password',
  arrange: fromExample('signInWithPassword'),
  wrong: (right) => withFields(right, { password: WRONG }),
  stray: (right, turn) => withFields(right, { login: `nobody-${turn}`, password: WRONG }),
  async pair(stage) {
    const { login } = (await stage.signedIn('member')).user
    const ask = (name: string) => ({ path: '/login', json: { login: name, password: WRONG } })
    return [ask(login), ask('nobody-1')]
  },
}
