/** A browser that remembers, whose session is gone. */
import type { Driver } from '../driver.ts'
import { DAY } from '../driver.ts'

export const remember: Driver = {
  way: 'remember',
  async arrange(stage) {
    const { user, password } = await stage.signedIn('member')
    const client = stage.visitor()
    await client.post('/login', { form: { login: user.login, password, remember: 'on' } })
    for (const name of client.cookies.keys()) if (name.includes('hf_sid')) client.cookies.delete(name)
    return { client, step: { path: '/login/remembered', json: {} } }
  },
  life: 30 * DAY + 1,
  // Tabs that a browser opens at once get sessions for some seconds; what goes on being remembered is one of them.
  gain: ({ headers }) => headers['set-cookie']?.find((line) => /^hf_remember[^=]*=[^;]+/.test(line)),
}
