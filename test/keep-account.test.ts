/** Somebody whose account waits to be deleted, and who signs in: over HTTP, with a page and as a program, with mail and without. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { node } from '../src/adapters/node.ts'
import { startTesting, type Testing } from '../src/testing/index.ts'

const NO_MAIL = { mail: undefined } as never

async function leaving(
  options = {},
): Promise<{ app: Testing; sign: (accept: string) => Promise<Awaited<ReturnType<Testing['measure']>>['answer']> }> {
  const app = await startTesting((holdfast) => node(holdfast, (_, response) => response.end('home')), options)
  await app.signedIn('admin')
  const ada = await app.signedIn('member')
  assert.equal((await ada.post('/account/profile/delete', { json: {} })).status, 202)
  const sign = (accept: string) => {
    const form = { login: ada.user.login, password: ada.password }
    return app.visitor().post('/login', { form, headers: { accept } })
  }
  return { app, sign }
}

describe('signing in while one’s account waits to be deleted', () => {
  for (const [name, options] of [
    ['with mail', {}],
    ['without mail', NO_MAIL],
  ] as const)
    it(`leads to the page that keeps it, ${name}, and opens nothing before`, async () => {
      const { app, sign } = await leaving(options)
      await using _ = app
      const answer = await sign('text/html')
      const to = answer.headers.location!
      assert.deepEqual(
        [answer.status, to.startsWith('/login/keep-account?token='), answer.headers['set-cookie']],
        [303, true, undefined],
      )
      const visitor = app.visitor()
      assert.match((await visitor.get(to)).text, /Keep your account\?/)
      const token = new URL(to, app.origin).searchParams.get('token')!
      assert.equal((await visitor.post('/login/keep-account', { form: { token } })).status, 200)
      assert.equal((await sign('text/html')).headers.location, '/')
      assert.deepEqual(app.faults, [])
    })

  it('tells a program where, and when it goes; and tells who has the wrong password nothing', async () => {
    const { app, sign } = await leaving()
    await using _ = app
    const problem = (await sign('application/json')).json() as { code: string; next: string; deletedAt: string }
    assert.deepEqual([problem.code, problem.next.startsWith('/login/keep-account?token=')], ['account-leaving', true])
    assert.equal(Date.parse(problem.deletedAt) > app.clock.now(), true)
    const wrong = await app.visitor().post('/login', { json: { login: 'member-2', password: 'not the right one at all' } })
    const nobody = await app.visitor().post('/login', { json: { login: 'nobody', password: 'not the right one at all' } })
    const shown = (text: string) => text.replace(/"instance":"[^"]*"/, '')
    assert.deepEqual([wrong.status, shown(wrong.text)], [nobody.status, shown(nobody.text)])
  })
})
