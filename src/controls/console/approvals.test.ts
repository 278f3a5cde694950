import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { express } from '../../adapters/express.ts'
import { fastify } from '../../adapters/fastify.ts'
import { hono } from '../../adapters/hono.ts'
import { node } from '../../adapters/node.ts'
import { createHoldfast, type Holdfast } from '../../index.ts'
import { race, startTesting, type Client, type Testing } from '../../testing/index.ts'

const PAGE = '/account/approvals'
const PAID = { to: 'DE89 3704', amount: 500 }
const ROLES = { admin: ['*'], approver: ['approvals:decide'], support: ['users:impersonate'], member: [] }

/** An application that pays out what the body says, with a second person. */
async function start(adapter: 'node' | 'express' | 'fastify' | 'hono' = 'node') {
  const paid: unknown[] = []
  async function pay(holdfast: Holdfast, request: object): Promise<void> {
    const { to, amount } = holdfast.of(request).body as { to: string; amount: string }
    await holdfast
      .of(request)
      .approved('payout', { to, amount: Number(amount) }, ({ approvedBy }) => paid.push({ to, amount, approvedBy }))
  }
  const app = await startTesting((holdfast) => serveBy(adapter, holdfast, pay), {
    roles: ROLES,
    impersonation: { write: true },
    approval: { acts: ['payout', 'impersonation:write'] },
  })
  return Object.assign(app, { paid })
}

type Pay = (holdfast: Holdfast, request: object) => Promise<void>

async function serveBy(adapter: string, holdfast: Holdfast, pay: Pay) {
  if (adapter === 'express') {
    const { default: make } = await import('express')
    const application = make()
    application.post('/payout', async (request, response) => {
      await pay(holdfast, request)
      response.end('paid')
    })
    return express(holdfast, application)
  }
  if (adapter === 'fastify') {
    const application = fastify(holdfast)
    application.post('/payout', async (request) => (await pay(holdfast, request.raw), 'paid'))
    await application.ready()
    return application.routing
  }
  if (adapter === 'hono') {
    const { Hono } = await import('hono')
    const application = new Hono<{ Bindings: { incoming: object } }>()
    application.post('/payout', async (context) => (await pay(holdfast, context.env.incoming), context.text('paid')))
    return hono(holdfast, application)
  }
  return node(holdfast, async (request, response) => {
    if (request.url === '/payout') await pay(holdfast, request)
    response.end('paid')
  })
}

const form = (amount = 500) => ({ form: { to: PAID.to, amount: String(amount) }, headers: { accept: 'text/html' } })
const field = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)![1]!

async function asked(client: Client): Promise<string> {
  const refusal = await client.post('/payout', form())
  const answer = await client.post(`${PAGE}/ask`, { form: { request: field(refusal.text, 'request'), reason: 'Invoice 7' } })
  assert.deepEqual([answer.status, answer.headers.location], [303, PAGE])
  return field((await client.get(PAGE)).text, 'approval')
}

async function approved(app: Testing, approval: string): Promise<void> {
  const ada = await app.signedIn('approver')
  assert.equal((await ada.post(`${PAGE}/approve`, { form: { approval } })).status, 303)
}

describe('what needs a second person', () => {
  for (const adapter of ['node', 'express', 'fastify', 'hono'] as const)
    it(`is asked for on the page in place of the answer, approved by another, and done once under ${adapter}`, async () => {
      await using app = await start(adapter)
      const bob = await app.signedIn('member')
      const refusal = await bob.post('/payout', form())
      assert.deepEqual([refusal.status, app.paid], [403, []])
      assert.match(refusal.text, /This needs a second person[^]*<bdi>DE89 3704<\/bdi>[^]*<bdi>500<\/bdi>/)
      const approval = await asked(bob)
      assert.match((await bob.post('/payout', form())).text, /This waits for a second person/)
      await approved(app, approval)
      assert.equal((await bob.post('/payout', form(501))).status, 403)
      const answers = await race(20, () => bob.post('/payout', form()))
      assert.deepEqual([answers.filter(({ status }) => status === 200).length, app.paid.length], [1, 1])
      assert.deepEqual(app.faults, [])
    })

  it('does the same in JSON', async () => {
    await using app = await start()
    const [bob, ada] = [await app.signedIn('member'), await app.signedIn('approver')]
    const refusal = await bob.post('/payout', { json: PAID })
    const problem = refusal.json() as { code: string; request: string; ask: string }
    assert.deepEqual([refusal.status, problem.code, problem.ask], [403, 'approval-required', `${PAGE}/ask`])
    const made = await bob.post(problem.ask, { json: { request: problem.request, reason: 'Invoice 7' } })
    const { approval } = made.json() as { approval: { id: string; params: object } }
    assert.deepEqual([made.status, approval.params], [201, PAID])
    const pending = (await bob.post('/payout', { json: PAID })).json() as { code: string; approval: string }
    assert.deepEqual([pending.code, pending.approval], ['approval-pending', approval.id])
    const own = await bob.post(`${PAGE}/approve`, { json: { approval: approval.id } })
    assert.deepEqual([own.status, (own.json() as { code: string }).code], [403, 'approval-not-permitted'])
    assert.equal((await ada.post(`${PAGE}/approve`, { json: { approval: approval.id } })).status, 200)
    assert.equal((await bob.post('/payout', { json: PAID })).status, 200)
    const events = app.events.filter(({ type }) => type.startsWith('authz_approval')).map(({ type }) => type)
    assert.deepEqual(events, ['authz_approval_asked', 'authz_approval_given', 'authz_approval_used'])
  })

  it('is shown to who may decide, and to others only what they asked; with buttons that fit', async () => {
    await using app = await start()
    const [bob, eve, ada] = [await app.signedIn('member'), await app.signedIn('member'), await app.signedIn('approver')]
    await asked(bob)
    assert.doesNotMatch((await eve.get(PAGE)).text, /DE89/)
    assert.match((await bob.get(PAGE)).text, /Take back/)
    assert.doesNotMatch((await bob.get(PAGE)).text, /approve"/)
    const page = (await ada.get(PAGE)).text
    assert.match(page, /formaction="\/account\/approvals\/approve"[^]*Decline/)
    assert.equal((await eve.post(`${PAGE}/decline`, { json: { approval: field(page, 'approval') } })).status, 403)
    assert.equal((await bob.post(`${PAGE}/decline`, { form: { approval: field(page, 'approval') } })).status, 303)
  })

  it('asks for a proof of the last ten minutes before a yes', async () => {
    await using app = await start()
    const [bob, ada] = [await app.signedIn('member'), await app.signedIn('approver')]
    const approval = await asked(bob)
    app.clock.advance(600_001)
    const late = await ada.post(`${PAGE}/approve`, { form: { approval }, headers: { accept: 'text/html' } })
    assert.deepEqual([late.status, late.headers.location], [303, `/login/again?next=${encodeURIComponent(PAGE)}`])
  })

  it('takes no request of somebody else, none that was made up, and none that is an hour old', async () => {
    await using app = await start()
    const [bob, eve] = [await app.signedIn('member'), await app.signedIn('member')]
    const request = field((await bob.post('/payout', form())).text, 'request')
    for (const [client, text] of [
      [eve, request],
      [bob, `${request}x`],
      [bob, ''],
    ] as const)
      assert.equal((await client.post(`${PAGE}/ask`, { json: { request: text, reason: 'x' } })).status, 410)
    assert.equal((await bob.post(`${PAGE}/ask`, { json: { request, reason: ' ' } })).status, 422)
    app.clock.advance(3_600_000)
    await bob.post('/login', { form: { login: bob.user.login, password: bob.password } })
    assert.equal((await bob.post(`${PAGE}/ask`, { json: { request, reason: 'x' } })).status, 410)
  })

  it('asks with the reason that was given, before somebody acts as a user and changes things', async () => {
    await using app = await start()
    const [bob, sue] = [await app.signedIn('member'), await app.signedIn('support')]
    const begin = () =>
      sue.post('/account/impersonation/start', {
        form: { user: bob.user.id, reason: 'Ticket 1' },
        headers: { accept: 'text/html' },
      })
    const waits = await begin()
    assert.match(waits.text, /This waits for a second person/)
    const [question] = await app.holdfast.approvals.list({ open: true })
    assert.deepEqual([question?.act, question?.reason], ['impersonation:write', 'Ticket 1'])
    await approved(app, question!.id)
    assert.equal((await begin()).status, 303)
    const asBob = await sue.post('/payout', form())
    assert.equal(asBob.status, 403)
    assert.equal((await app.holdfast.approvals.list({ open: true })).length, 0, 'nobody asks as somebody else')
  })

  it('fails closed for an act that is not marked, and refuses options that could never hold', async () => {
    await using app = await startTesting(
      (holdfast) =>
        node(holdfast, async (request, response) => {
          await holdfast.of(request).approved('pay-out', {}, () => response.end('paid'))
        }),
      { approval: { acts: ['payout'] }, public: ['/'] },
    )
    assert.equal((await app.visitor().get('/')).status, 500)
    const base = { origin: 'https://app.example', mode: 'test', log: 'silent' } as const
    for (const [approval, words] of [
      [{ acts: [] }, /Name the acts/],
      [{ acts: ['users:make-administrators'] }, /Did you mean "users:make-administrator"/],
      [{ acts: ['Pay Out'] }, /lower case/],
      [{ acts: ['impersonation:write'] }, /impersonation.write/],
      [{ acts: ['break-glass:unseal'] }, /signIn.breakGlass/],
      [{ acts: ['payout'], use: '2d' }, /approval.use/],
      [{ acts: ['payout'], lives: '2d' }, /Did you mean "life"/],
    ] as const)
      await assert.rejects(createHoldfast({ ...base, approval: approval as never }), { message: words })
  })
})
