import assert from 'node:assert/strict'
import { AssertionError } from 'node:assert'
import { describe, it } from 'node:test'
import { node, notFound, send } from '../adapters/node.ts'
import { policyFor, rule } from '../engine/policies/index.ts'
import type { Holdfast } from '../index.ts'
import { expectOneWinner, expectParity, linkIn, race, someone, startTesting, testPolicy, type PolicyRow } from './index.ts'

interface Note {
  readonly ownerId: string
  readonly archived: boolean
}

const notes = policyFor('notes', {
  edit: rule.all(
    rule.owner((note: Note) => note.ownerId),
    rule.not(rule.when('is archived', (_, note: Note) => note.archived)),
  ),
  read: rule.any(
    rule.owner((note: Note) => note.ownerId),
    rule.permission('notes:read'),
  ),
})

type Row = PolicyRow<Note, 'edit' | 'read'>

const open: Note = { ownerId: 'ada', archived: false }
const table: readonly Row[] = [
  ['the owner', 'edit', someone('ada'), open, 'allow'],
  ['the owner of an archived one', 'edit', someone('ada'), { ...open, archived: true }, 'deny'],
  ['a stranger', 'edit', someone('eve'), open, 'deny'],
  ['the owner', 'read', someone('ada'), open, 'allow'],
  ['a reader', 'read', someone('bob', { permits: ['notes:*'] }), open, 'allow'],
  ['a stranger', 'read', someone('eve'), open, 'deny'],
]

const complaint = (rows: readonly Row[]): string => {
  try {
    testPolicy(notes, rows)
    return ''
  } catch (error) {
    assert.ok(error instanceof AssertionError)
    return error.message
  }
}

describe('mails', () => {
  it('are those that were written since the last call, and their links can be opened', async () => {
    await using app = await startTesting((holdfast) => node(holdfast, (_, response) => response.end()), {
      signIn: { signUp: 'open' },
    })
    await app.signedIn('admin')
    const ask = (address: string) => app.measure(() => app.visitor().post('/sign-up', { json: { address } }))
    await ask('first@example.org') // The first visitor of all also finds out that there is an administrator.
    assert.equal((await app.mails()).length, 1)
    assert.deepEqual(await app.mails(), [])
    const [one, other] = [await ask('ada@example.org'), await ask('bob@example.org')]
    expectParity(one, other)
    assert.equal(one.counts.letter, 1)
    const mails = await app.mails()
    assert.deepEqual(mails.map(({ to }) => to).toSorted(), ['ada@example.org', 'bob@example.org'])
    const page = await app.visitor().get(linkIn(mails[0]!))
    assert.equal(page.status, 200)
    assert.throws(() => linkIn({ subject: 'none', text: 'no link' }), /has 0 links/)
  })
})

describe('testPolicy', () => {
  it('is content with a table that notices every change of the policy', () => assert.equal(complaint(table), ''))

  it('says which row comes out otherwise, and by which rule', () => {
    const wrong: Row = ['a stranger', 'edit', someone('eve'), open, 'allow']
    assert.match(complaint([...table, wrong]), /"a stranger" \(edit\) is denied by: not owner of it/)
  })

  it('notices an action that is in no row', () => {
    assert.match(complaint(table.filter(([, action]) => action !== 'read')), /"read" is in no row/)
  })

  it('fails as soon as any one row that decides something is missing', () => {
    for (const [index, row] of table.entries())
      assert.match(complaint(table.toSpliced(index, 1)), /no row notices when/, `without ${row[0]} (${row[1]})`)
  })

  it('names the change that nobody noticed', () => {
    const rows = table.filter(([what]) => what !== 'the owner of an archived one')
    assert.match(complaint(rows), /in "edit" "is archived" is never true/)
    assert.match(complaint(rows.filter(([what]) => what !== 'a stranger')), /in "edit" "all of" is "any of"/)
  })
})

describe('race', () => {
  it('starts all before any has ended, and wants one winner', async () => {
    let left = 1
    const results = await race(20, async () => {
      await Promise.resolve()
      return left-- > 0
    })
    expectOneWinner(results, Boolean)
    assert.throws(() => expectOneWinner([true, true], Boolean), /Of 2 at once 2 won/)
    assert.throws(() => expectOneWinner([false], Boolean), /Of 1 at once 0 won/)
  })
})

describe('an application in memory', () => {
  function serve(holdfast: Holdfast) {
    return node(holdfast, (request, response) => {
      const view = holdfast.of(request)
      if (request.url === '/me') return void response.end(JSON.stringify({ login: view.principal?.login ?? null }))
      if (!request.url?.startsWith('/notes/')) return notFound(request, response)
      const note = { ownerId: request.url === '/notes/own' ? (view.principal?.id ?? '') : 'somebody', archived: false }
      view.demand(notes, request.method === 'POST' ? 'edit' : 'read', note)
      response.end(`${view.can(notes, 'edit', note)} ${view.only(notes, 'read', [note, { ...note, ownerId: 'other' }]).length}`)
    })
  }

  it('signs users in with one line, and asks nobody for a password twice', async () => {
    await using app = await startTesting(serve, { public: ['/me'] })
    const ada = await app.signedIn('admin')
    assert.deepEqual((await ada.get('/me')).json(), { login: ada.user.login })
    assert.deepEqual((await app.visitor().get('/me')).json(), { login: null })
    app.clock.advance('13h')
    assert.deepEqual((await ada.get('/me')).json(), { login: null })
    assert.deepEqual(app.faults, [])
  })

  it('answers what the policy says: allowed, 403 with a line in the log, or sign in', async () => {
    await using app = await startTesting(serve, { public: ['/notes/other'] })
    const bob = await app.signedIn('member')
    assert.equal((await bob.get('/notes/own')).text, 'true 1')
    assert.equal((await bob.post('/notes/own')).status, 200)
    const refused = await bob.post('/notes/other', { headers: { accept: 'application/json' } })
    assert.deepEqual([refused.status, (refused.json() as { code: string }).code], [403, 'not-permitted'])
    assert.equal(refused.headers['content-type'], 'application/problem+json')
    const event = app.events.findLast(({ type }) => type === 'authz_fail')
    assert.deepEqual(event?.data, { code: 'not-permitted', reason: 'notes.edit: not owner of it' })
    assert.equal((await app.visitor().get('/notes/other', { headers: { accept: 'application/json' } })).status, 401)
    assert.deepEqual(app.faults, [])
  })

  it('finds two sign-ins alike that must be, and tells apart what can be told apart', async () => {
    await using app = await startTesting(serve)
    const known = await app.signedIn('member')
    const sign = (login: string) =>
      app.measure(() => app.visitor().post('/login', { form: { login, password: 'not the right one at all' } }))
    const [one, other] = [await sign(known.user.login), await sign('m'.repeat(known.user.login.length))]
    const named = other.answer.text.replaceAll('m'.repeat(known.user.login.length), known.user.login)
    expectParity(one, { ...other, answer: { ...other.answer, text: named } })
    assert.equal(one.counts.hash, 1)
    assert.throws(() => expectParity(one, { ...one, counts: { ...one.counts, hash: 0 } }), /hash count: 1 \/ 0/)
    const short = { ...one.answer, status: 404, text: '' }
    assert.throws(() => expectParity(one, { ...one, answer: short }), /status: \d+ \/ 404[^]*length of the body/)
  })

  it('hands a framework that catches errors the refusal all the same', async () => {
    await using app = await startTesting((holdfast) =>
      node(holdfast, (request, response) => {
        try {
          holdfast.of(request).demand(notes, 'edit', open)
        } catch {
          send(request, response, { status: 418, head: {}, body: 'caught' })
        }
      }),
    )
    const eve = await app.signedIn('member')
    const answer = await eve.get('/')
    assert.deepEqual([answer.status, answer.text], [418, 'caught'], 'who catches it has decided')
    assert.ok(app.events.some(({ type }) => type === 'authz_fail'))
  })
})
