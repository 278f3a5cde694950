import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { tokenIn } from '../support/profile.ts'
import { lastLink, NEW_PASSWORD, postForm, reachableMember } from '../support/recovery.ts'

export default defineAttack({
  id: 'A177',
  title:
    'finds the link of a security notice: gets in by it, has a scanner of mail follow it, keeps the session they had, or locks the owner out for good (L25)',
  control: 'signIn',
  without: { heldBy: 'design', why: 'the link ends what is open and gives nothing; recovery by mail stays' },
  async succeeds(app) {
    const { cookie } = await reachableMember(app)
    await postForm(app, '/account/password', { password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }, cookie)
    const token = await tokenIn(app, 'victim@mail.example', /security of your account/)
    const attacker = cookieOf(await signInByForm(app, 'victim', { password: NEW_PASSWORD }))
    await app.fetch(`/login/not-me?token=${token}`)
    const followed = (await app.fetch('/account/sessions', { headers: { cookie: attacker! } })).status !== 200
    const answer = await postForm(app, '/login/not-me', { token })
    const stays = (await app.fetch('/account/sessions', { headers: { cookie: attacker! } })).status === 200
    const again = cookieOf(await signInByForm(app, 'victim', { password: NEW_PASSWORD })) !== undefined
    await app.mails()
    await postForm(app, '/login/recover', { who: 'victim' })
    const { token: recover } = await lastLink(app)
    const next = 'nine swans cross the frozen lake'
    await postForm(app, '/login/recover/password', { token: recover, password: next, passwordAgain: next })
    const lockedOut = cookieOf(await signInByForm(app, 'victim', { password: next })) === undefined
    return followed || cookieOf(answer) !== undefined || stays || again || lockedOut
  },
})
