/** Lessons of published flaws of sign-in that belong to no one file: tried over HTTP, with every door open. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expectParity } from '../../src/testing/index.ts'
import { doorNames } from '../../src/accounts/doors/index.ts'
import { ways } from '../../src/accounts/doors/matrix.ts'
import { openStage, type Stage, type Step } from '../doors/stage.ts'
import { examples, withAddress } from '../support/api-examples.ts'

const PASSWORD = 'crimson kettle orbit lagoon'
const SESSION = 'hf_sid_localhost'
const OPERATOR = { kind: 'system', id: 'test' } as const

const login = (name: string, password = PASSWORD): Step => ({ path: '/login', json: { login: name, password } })

describe('a door', () => {
  it('that can open a session is in the table of doors, which tries a second factor at it (L02)', () => {
    const tried = new Set(ways.filter(({ not }) => not['second-factor'] === undefined).map(({ door }) => door as string))
    const opening = ways.filter(({ proofs, door }) => proofs.length > 0 && door !== undefined)
    const exempt = opening.filter(({ door }) => !tried.has(door!))
    const reasons = exempt.map(({ not }) => not['second-factor'])
    assert.ok(
      reasons.every((reason) => /second factor|both factors|no account/.test(reason ?? '')),
      reasons.join(' '),
    )
    assert.equal(new Set(ways.flatMap(({ door = [] }) => door)).size, doorNames.length)
  })

  it('opens nothing when the question for a second factor fails: a fault is no answer (L13, L89)', async () => {
    await using stage = await openStage()
    const { user } = await stage.signedIn('member')
    await stage.run('ALTER TABLE hf_factors RENAME TO hf_factors_gone')
    const client = stage.visitor()
    const answer = await stage.take(login(user.login), client)
    assert.equal(answer.status, 500)
    assert.equal(client.cookies.has(SESSION), false)
    assert.equal(stage.faults.length, 1)
    assert.equal(answer.text.includes('hf_factors'), false)
    await stage.run('ALTER TABLE hf_factors_gone RENAME TO hf_factors')
    assert.equal((await stage.holdfast.accounts.sessions.list(user.id, stage.clock.now())).length, 1)
  })

  it('of mail wants the code and the browser that asked, both of one letter (L38)', async () => {
    await using stage = await openStage()
    const { client: hers, sent } = await examples['signInWithCode']!(stage)
    const his = stage.visitor()
    await his.post('/login/code', { json: { login: 'nobody@app.example' } })
    const enter = (code: string): Step => ({ path: '/login/code/enter', json: { code } })
    const { code } = sent as { code: string }
    assert.equal((await stage.take(enter(code), his)).status, 401)
    assert.equal((await stage.take(enter(code), stage.visitor())).status, 401)
    assert.equal((await stage.take(enter('0000 0000'), hers)).status, 401)
    assert.equal((await stage.take(enter(code), hers)).status, 200)
  })

  it('answers every odd password the same, with an account and without (L74)', async () => {
    await using stage = await openStage()
    const { user } = await stage.signedIn('member')
    const odd = ['', ' ', 'x'.repeat(72), `${'x'.repeat(72)}y`, 'ü'.repeat(73), `a\u0000b`, 'x'.repeat(1024), 'x'.repeat(1025)]
    for (const [index, password] of odd.entries()) {
      // One guess a minute: what is counted for the account is not what is asked here.
      stage.clock.advance(20 * 60_000)
      await stage.take(login('nobody-0', password), stage.visitor())
      const known = await stage.measure(() => stage.take(login(user.login, password), stage.visitor()))
      const unknown = await stage.measure(() => stage.take(login('nobody-1', password), stage.visitor()))
      expectParity(known, unknown)
      assert.ok(known.answer.status === 401 || known.answer.status === 400, `${index}: ${known.answer.status}`)
    }
  })
})

describe('a session', () => {
  it('ends by POST from a page of ours alone, not by a link or a form of another site (L59)', async () => {
    await using stage = await openStage()
    const client = await stage.signedIn('member')
    await client.get('/logout')
    assert.equal(await stage.isIn(client), true)
    const elsewhere = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    assert.equal((await stage.take({ path: '/logout', json: {}, headers: elsewhere }, client)).status, 403)
    assert.equal(await stage.isIn(client), true)
    assert.equal((await stage.take({ path: '/logout', json: {} }, client)).status, 200)
    assert.equal(await stage.isIn(client), false)
  })

  it('of somebody else is not ended by its id, nor by a cookie of a name that somebody made up (L63)', async () => {
    await using stage = await openStage()
    const victim = await stage.signedIn('member')
    const [theirs] = await stage.holdfast.accounts.sessions.list(victim.user.id, stage.clock.now())
    const attacker = await stage.signedIn('member')
    const forged = ['hf_sid', `hf_sid_${victim.user.login}`, `${SESSION}_2`, `hf_sid_localhost.${theirs!.id}`]
    for (const name of forged) attacker.cookies.set(name, victim.cookies.get(SESSION)!)
    const body = { session: theirs!.id, user: victim.user.id, userId: victim.user.id }
    await stage.take({ path: '/account/sessions/end', json: body }, attacker)
    await stage.take({ path: '/account/sessions/end-all', json: body }, attacker)
    await stage.take({ path: '/logout', json: body }, attacker)
    assert.equal(await stage.isIn(victim), true)
  })

  it('and all else that was opened dies with its user (L64)', async () => {
    await using stage = await openStage()
    const client = await stage.signedIn('member')
    const remembered = stage.visitor()
    await remembered.post('/login', { form: { login: client.user.login, password: PASSWORD, remember: 'on' } })
    const tokens = (await client.post('/auth/token', { json: { client: 'Phone' } })).json() as Record<string, string>
    await stage.run(`DELETE FROM hf_users WHERE id = '${client.user.id}'`)
    assert.equal(await stage.isIn(client), false)
    assert.equal(await stage.isIn(remembered), false)
    assert.equal((await stage.take({ path: '/login/remembered', json: {} }, remembered)).status, 401)
    const refreshed = await stage.take(
      { path: '/auth/refresh', json: { refresh_token: tokens['refresh_token'] } },
      stage.visitor(),
    )
    assert.equal(refreshed.status, 401)
    const bearer = { authorization: `Bearer ${tokens['access_token']}` }
    assert.equal((await stage.take({ method: 'GET', path: '/api/notes', headers: bearer }, stage.visitor())).status, 401)
    assert.deepEqual(stage.faults, [])
  })

  it('and what opens or gives one is stored by no cache (L67)', async () => {
    await using stage = await openStage()
    const client = await stage.signedIn('member')
    const steps: Step[] = [
      { method: 'GET', path: '/private' },
      { method: 'GET', path: '/account/sessions' },
      { path: '/auth/token', json: { client: 'Phone' } },
      login(client.user.login),
      login(client.user.login, 'velvet anchor prairie sundial'),
    ]
    for (const step of steps) {
      const { headers, status } = await stage.take(step, client)
      assert.match(String(headers['cache-control']), /no-store/, `${step.path} ${status}`)
    }
  })
})

describe('an address', () => {
  it('that two claim belongs to who showed that they read its mail, at the door of mail as well (L42)', async () => {
    await using stage = await openStage()
    const claimer = await stage.signedIn('member')
    await stage.holdfast.accounts.users.setAddress(claimer.user.id, 'ada@app.example', OPERATOR)
    await withAddress(stage as Stage, true)
    assert.equal((await stage.holdfast.accounts.users.byAddress('ada@app.example'))?.login, 'member-2')
  })
})
