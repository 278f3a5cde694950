import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { tokenIn } from '../support/profile.ts'
import { postForm, reachableMember } from '../support/recovery.ts'

const DELETE = '/account/profile/delete'

export default defineAttack({
  id: 'A178',
  title:
    'deletes the account of an old session, keeps a session or a key of one that is being deleted, or keeps one by a link that is over (L06, L35, L64)',
  control: 'console',
  without: { heldBy: 'design', why: 'it is shut in the transaction of the deletion, which needs a recent proof' },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    const other = cookieOf(await signInByForm(app, 'victim'))!
    app.clock.advance(600_001)
    await postForm(app, DELETE, {}, cookie)
    const byOldProof = (await app.holdfast.accounts.users.byId(userId))?.status !== 'active'
    const fresh = cookieOf(await signInByForm(app, 'victim'))!
    const asked = await postForm(app, DELETE, {}, fresh)
    if (asked.status !== 202) throw new Error(`The owner could not ask: ${asked.status}.`)
    const token = await tokenIn(app, 'victim@mail.example', /will be deleted/)
    const open = (await app.fetch('/account/sessions', { headers: { cookie: other } })).status === 200
    const again = cookieOf(await signInByForm(app, 'victim')) !== undefined
    app.clock.advance(14 * 86_400_000)
    await postForm(app, '/login/keep-account', { token })
    const late = (await app.holdfast.accounts.users.byId(userId))?.status === 'active'
    await app.holdfast.accounts.deletions.sweep(app.clock.now())
    const left = (await app.holdfast.accounts.users.byId(userId)) !== undefined
    return byOldProof || open || again || late || left
  },
})
