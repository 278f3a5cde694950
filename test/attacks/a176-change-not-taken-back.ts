import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { moveTo, tokenIn } from '../support/profile.ts'
import { postForm, reachableMember } from '../support/recovery.ts'

const ABOUT = /security of your account/

export default defineAttack({
  id: 'A176',
  title: 'moves an account from one address to the next, and takes it back when its owner has taken it back (L36)',
  control: 'signIn',
  without: { heldBy: 'design', why: 'what is taken back ends every other link that takes back' },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    await moveTo(app, cookie, 'eve@evil.example')
    const mine = await tokenIn(app, 'victim@mail.example', ABOUT)
    const again = cookieOf(await signInByForm(app, 'victim'))
    await moveTo(app, again!, 'eve@other.example')
    const theirs = await tokenIn(app, 'eve@evil.example', ABOUT)
    const late = cookieOf(await signInByForm(app, 'victim'))
    await postForm(app, '/login/undo-address', { token: mine })
    await postForm(app, '/login/undo-address', { token: theirs })
    const { address } = (await app.holdfast.accounts.users.byId(userId))!
    if (address === undefined) throw new Error('There is no address at all.')
    const session = (await app.fetch('/account/sessions', { headers: { cookie: late! } })).status === 200
    return address.text !== 'victim@mail.example' || session || cookieOf(await signInByForm(app, 'victim')) !== undefined
  },
})
