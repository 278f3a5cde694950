import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askedOn, solved, type Asked } from '../../../test/support/challenge.ts'
import { node } from '../../adapters/node.ts'
import { createHoldfast } from '../../index.ts'
import { race, startTesting, type Answer } from '../../testing/index.ts'

const HTML = { headers: { accept: 'text/html' } }
const TEXT = { name: 'Ada & <b>', text: 'Hello\nthere "you"' }

/** An application with an open form. */
async function start() {
  const got: unknown[] = []
  const app = await startTesting(
    (holdfast) =>
      node(holdfast, (request, response) => {
        const view = holdfast.of(request)
        if (request.method === 'POST') got.push({ ...(view.body as object) })
        response.setHeader('content-type', 'text/html')
        response.end(`<form method="post" action="/contact">${view.challengeField('POST /contact').toString()}</form>`)
      }),
    {
      public: ['/contact', 'POST /plain'],
      routes: [
        { path: 'POST /contact', public: true, challenge: true },
        { path: 'POST /other', public: true, challenge: true },
      ],
      signIn: { challenge: { difficulty: 8 } },
    },
  )
  return Object.assign(app, { got })
}

const challengeOf = (answer: Answer) => (answer.json() as { challenge: Asked & { kind: string; hash: string } }).challenge

describe('a route that asks for work', () => {
  it('is reached with the work that its page asked for, and its handler sees nothing of it', async () => {
    await using app = await start()
    const visitor = app.visitor()
    const page = await visitor.get('/contact')
    assert.match(page.text, /script type="module" nonce="[^"]+" src="\/login\/challenge\.js/)
    const answer = await visitor.post('/contact', { ...HTML, form: { ...TEXT, ...solved(askedOn(page.text)!) } })
    assert.deepEqual([answer.status, app.got], [200, [TEXT]])
    assert.equal((await visitor.post('/plain', { form: TEXT })).status, 200, 'other routes ask for nothing')
  })

  it('shows the form once more, with what was typed, where the work is missing; whoever runs no script waits', async () => {
    await using app = await start()
    const visitor = app.visitor()
    const again = await visitor.post('/contact?from=home', { ...HTML, form: { ...TEXT, challenge: 'x', solution: 'y' } })
    assert.deepEqual([again.status, again.headers['retry-after'], app.got], [403, '60', []])
    assert.match(
      again.text,
      /action="\/contact\?from=home"[^]*name="name" value="Ada &amp; &lt;b(?:>|&gt;)"[^]*Without JavaScript/,
    )
    assert.doesNotMatch(String(again.headers['content-security-policy']), /https:|unsafe/)
    const challenge = askedOn(again.text)!.challenge
    assert.equal((await visitor.post('/contact', { ...HTML, form: { ...TEXT, challenge, solution: '' } })).status, 403)
    app.clock.advance(60_000)
    assert.equal((await visitor.post('/contact', { ...HTML, form: { ...TEXT, challenge, solution: '' } })).status, 200)
    assert.deepEqual(app.got, [TEXT])
    assert.deepEqual(app.faults, [])
  })

  it('tells programs what is asked for, and takes it once of twenty', async () => {
    await using app = await start()
    const first = await app.visitor().post('/contact', { json: TEXT })
    const asked = challengeOf(first)
    assert.deepEqual([first.status, asked.kind, asked.hash, asked.bits], [403, 'proof-of-work', 'SHA-256', 8])
    const json = { ...TEXT, ...solved(asked) }
    const answers = await race(20, () => app.visitor().post('/contact', { json }))
    assert.deepEqual([answers.filter(({ status }) => status === 200).length, app.got], [1, [TEXT]])
    assert.ok(app.events.some(({ type, data }) => type === 'authn_challenge_fail' && data?.['route'] === 'POST /contact'))
  })

  it('takes nothing that was made for another route, a page of ours, or another time; and no body at all', async () => {
    await using app = await start()
    const other = solved(challengeOf(await app.visitor().post('/other', { json: {} })))
    assert.equal((await app.visitor().post('/contact', { json: { ...TEXT, ...other } })).status, 403)
    const own = solved(challengeOf(await app.visitor().post('/contact', { json: TEXT })))
    app.clock.advance(300_001)
    assert.equal((await app.visitor().post('/contact', { json: { ...TEXT, ...own } })).status, 403)
    for (const sending of [{}, { json: null }, { json: [1] }, { json: 'x' }, { json: { challenge: 1, solution: {} } }])
      assert.equal((await app.visitor().post('/contact', sending)).status, 403)
    assert.deepEqual([app.got, app.faults], [[], []])
  })

  it('becomes harder while much comes, and easier afterwards', async () => {
    await using app = await start()
    let bits = 0
    for (let turn = 0; turn < 130; turn += 1) bits = challengeOf(await app.visitor().post('/contact', { json: TEXT })).bits
    assert.equal(bits, 10)
    assert.equal(askedOn((await app.visitor().get('/contact')).text)!.bits, 10)
    assert.equal(challengeOf(await app.visitor().post('/other', { json: TEXT })).bits, 8, 'each route for itself')
    app.clock.advance(60_000)
    assert.equal(challengeOf(await app.visitor().post('/contact', { json: TEXT })).bits, 8)
  })

  it('is refused at start-up where it could not hold', async () => {
    const base = { origin: 'https://app.example', mode: 'test', log: 'silent', database: ':memory:' } as const
    for (const [routes, more] of [
      [[{ path: '/contact', challenge: true }], {}],
      [[{ path: 'GET /contact', challenge: true }], {}],
      [[{ path: 'POST /contact', challenge: true, body: 'raw' }], {}],
      [[{ path: 'POST /contact', challenge: 'yes' }], {}],
      [[{ path: 'POST /contact', challenge: true }], { signIn: false }],
    ] as const)
      await assert.rejects(createHoldfast({ ...base, routes: routes as never, ...more }), { code: 'HF_OPTION_INVALID' })
  })
})
