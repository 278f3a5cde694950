import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startControls, type FakeRequest } from '../../../test/support/exchange.ts'
import { Accounts, type LiveSession, type SessionFound } from '../../accounts/types.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Slot } from '../../engine/exchange.ts'
import { Principal } from '../../engine/facts.ts'
import { readSessionData, readSessionOptions, session, writeSessionData } from './session.ts'
import { NextSession, Session } from './slot.ts'

const TOKEN = 'T'.repeat(43)
const principal: Principal = {
  id: 'u1',
  login: 'ada',
  name: 'Ada',
  roles: [],
  permissions: new Set(),
  amr: ['pwd'],
  aal: 1,
  provedAt: 0,
}
const live: LiveSession = {
  principal,
  session: {
    ...{ id: 's1', userId: 'u1', createdAt: 0, seenAt: 0, expiresAt: 9, idleAt: 9, aal: 1, proofs: [] },
    ...{ address: '192.0.2.1', userAgent: 'test', version: 3, data: { cart: 1 } },
  },
}

/** Sessions of one token; `asked` tells what the store was asked for. */
function start(
  found: SessionFound = { ok: true, rotate: false, ...live },
  { origin = 'https://app.example', late = false, lives = true, renews = true } = {},
) {
  const asked: string[] = []
  const writes: unknown[] = []
  const sessions = {
    find(token: string) {
      asked.push(token)
      return late ? Promise.resolve(found) : found
    },
    async rotate() {
      return renews
        ? { token: new Secret('R'.repeat(43)), principal: { ...principal, roles: ['admin'] }, session: live.session }
        : undefined
    },
    async write(...given: unknown[]) {
      writes.push(given)
      return lives
    },
  }
  const use = <T>(service: Slot<T>) =>
    ((service as unknown) === Accounts ? { sessions, browsers: { lives: {} } } : undefined) as T
  return { ...startControls([session], {}, { origin, use }), asked, writes }
}

const withCookie = (cookie: string): FakeRequest => ({ headers: { cookie } })

describe('session', () => {
  it('gives the session and the principal that the cookie names', async () => {
    const { run, asked } = start()
    const { x, cookies, events, reply } = await run(withCookie(`a=b; __Host-hf_sid=${TOKEN}; c=d`))
    assert.equal(reply, undefined)
    assert.deepEqual(asked, [TOKEN])
    assert.equal(x.get(Principal), principal)
    assert.equal(x.get(Session)?.session.id, 's1')
    assert.equal(x.get(Session)?.token.reveal(), TOKEN)
    assert.deepEqual([cookies, events], [[], []])
  })

  it('does the same with a store that answers later', async () => {
    const { x } = await start({ ok: true, rotate: false, ...live }, { late: true }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.equal(x.get(Principal), principal)
  })

  it('asks nothing of the store and sets no cookie for a reader without a session', async () => {
    const { run, asked } = start()
    for (const request of [{}, withCookie('theme=dark'), withCookie(`hf_sid_localhost=${TOKEN}`)]) {
      const { x, cookies, events } = await run(request)
      assert.deepEqual([x.get(Principal), x.get(Session), cookies, events], [null, null, [], []])
    }
    assert.deepEqual(asked, [])
  })

  it('has a name of its own on loopback without https, and no other', async () => {
    const { run, asked } = start({ ok: true, rotate: false, ...live }, { origin: 'http://localhost:3000' })
    await run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.deepEqual(asked, [])
    const { x } = await run(withCookie(`hf_sid_localhost=${TOKEN}`), (passage) =>
      passage.set(NextSession, new Secret('N'.repeat(43))),
    )
    assert.equal(x.get(Principal), principal)
    assert.deepEqual(x.cookies, [`hf_sid_localhost=${'N'.repeat(43)}; Path=/; HttpOnly; SameSite=Lax`])
  })

  const events = [
    ['malformed', 'session_forged'],
    ['unknown', 'session_forged'],
    ['expired', 'session_expired'],
    ['ended', 'session_use_after_expire'],
    ['user-disabled', 'session_use_after_expire'],
  ] as const
  for (const [reason, type] of events) {
    it(`serves a token that is ${reason} as anonymous, deletes the cookie and says ${type}`, async () => {
      const ran = await start({ ok: false, reason }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
      assert.equal(ran.reply, undefined)
      assert.equal(ran.x.get(Principal), null)
      assert.equal(ran.cookies.length, 1)
      assert.match(ran.cookies[0]!, /^__Host-hf_sid=; Path=\/; Max-Age=0; .*Secure; HttpOnly; SameSite=Lax$/)
      assert.deepEqual(
        ran.events.map((event) => [event.type, event.data?.['reason']]),
        [[type, reason]],
      )
      assert.doesNotMatch(JSON.stringify(ran.events), new RegExp(TOKEN))
    })
  }

  it('serves a token that was replaced a moment ago as anonymous, and leaves the cookie, which is the next one by now', async () => {
    const ran = await start({ ok: false, reason: 'rotated' }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.deepEqual([ran.reply, ran.x.get(Principal), ran.cookies], [undefined, null, []])
    assert.deepEqual(
      ran.events.map((event) => [event.type, event.data?.['reason']]),
      [['session_expired', 'rotated']],
    )
  })

  const ambiguous = [
    `__Host-hf_sid=${TOKEN}; __Host-hf_sid=evil`,
    `__Host-hf_sid=evil; __Host-hf_sid=${TOKEN}`,
    `__Host-hf_sid=${TOKEN}; =__Host-hf_sid=evil`,
    `__Host-hf_sid=${TOKEN}; \u00a0__Host-hf_sid=evil`,
    `__host-hf_sid=${TOKEN}`,
  ]
  for (const cookie of ambiguous) {
    it(`refuses ${JSON.stringify(cookie.replaceAll(TOKEN, 'token'))} and clears the way`, async () => {
      const { run, asked } = start()
      const { reply, cookies, events: said } = await run(withCookie(cookie))
      assert.equal(reply?.status, 400)
      assert.equal(reply.denial?.code, 'cookie-ambiguous')
      assert.equal(reply.head?.['clear-site-data'], '"cookies"')
      assert.match(cookies[0]!, /^__Host-hf_sid=;/)
      assert.deepEqual(asked, [])
      assert.deepEqual(
        said.map((event) => event.type),
        ['session_forged'],
      )
    })
  }

  it('gives a new token when what the user may do has changed', async () => {
    const { x, cookies } = await start({ ok: true, rotate: true, ...live }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.deepEqual(x.get(Principal)?.roles, ['admin'])
    assert.equal(x.get(Session)?.token.reveal(), 'R'.repeat(43))
    assert.deepEqual(cookies, [`__Host-hf_sid=${'R'.repeat(43)}; Path=/; Secure; HttpOnly; SameSite=Lax`])
  })

  it('serves a request that lost the race for the new token, and leaves the cookie to the winner', async () => {
    const found = { ok: true, rotate: true, ...live } as const
    const { x, cookies, events: said } = await start(found, { renews: false }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.equal(x.get(Principal), principal)
    assert.deepEqual([cookies, said], [[], []])
  })

  it('takes a quoted value for a forgery', async () => {
    const { run, asked } = start()
    const { reply, x, cookies } = await run(withCookie(`__Host-hf_sid="${TOKEN}"`))
    assert.deepEqual([reply, x.get(Principal), asked, cookies.length], [undefined, null, [], 1])
  })

  it('sends one cookie line when a stale session is followed by a new one in the same request', async () => {
    const { run } = start({ ok: false, reason: 'expired' })
    const { cookies } = await run(withCookie(`__Host-hf_sid=${TOKEN}`), (x) => x.set(NextSession, new Secret('N'.repeat(43))))
    assert.deepEqual(cookies, [`__Host-hf_sid=${'N'.repeat(43)}; Path=/; Secure; HttpOnly; SameSite=Lax`])
  })
})

describe('session data', () => {
  it('is empty and cannot be written without a session', async () => {
    const { x } = await start().run()
    assert.deepEqual(readSessionData(x), {})
    assert.equal(await writeSessionData(x, { a: 1 }), false)
  })

  it('is written against the version that was read, and the next write against that one', async () => {
    const { run, writes } = start()
    const { x } = await run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.deepEqual(readSessionData(x), { cart: 1 })
    assert.equal(await writeSessionData(x, { cart: 2 }), true)
    assert.deepEqual(readSessionData(x), { cart: 2 })
    await writeSessionData(x, { cart: 3 })
    assert.deepEqual(
      writes.map((given) => (given as unknown[]).slice(0, 3)),
      [
        [TOKEN, 3, { cart: 2 }],
        [TOKEN, 4, { cart: 3 }],
      ],
    )
  })

  it('keeps what was read when the session ended in the meantime', async () => {
    const { x } = await start({ ok: true, rotate: false, ...live }, { lives: false }).run(withCookie(`__Host-hf_sid=${TOKEN}`))
    assert.equal(await writeSessionData(x, { cart: 2 }), false)
    assert.deepEqual(readSessionData(x), { cart: 1 })
  })
})

describe('session options', () => {
  it('are 30 minutes and 12 hours unless given, also when the control is off', () => {
    const defaults = { idle: 1_800_000, absolute: 43_200_000, concurrent: undefined, deviceBound: false }
    assert.deepEqual(readSessionOptions(), defaults)
    assert.deepEqual(readSessionOptions(false), defaults)
    assert.deepEqual(readSessionOptions({ insecureOff: { reason: 'no sessions here', until: '2099-01-01' } }), defaults)
    assert.deepEqual(readSessionOptions({ idle: '15m' }), { ...defaults, idle: 900_000 })
  })

  it('refuse what cannot work', () => {
    assert.throws(() => readSessionOptions({ idle: '1m' }), /HF_OPTION_INVALID.*2m/)
    assert.throws(() => readSessionOptions({ idle: '13h' }), /session\.absolute/)
    assert.throws(() => readSessionOptions({ idel: '30m' } as never), /Did you mean "idle"/)
    assert.throws(() => readSessionOptions({ concurrent: {} }), /session\.concurrent.*`max`/)
    assert.throws(() => readSessionOptions({ concurrent: { max: 0 } }), /session\.concurrent\.max/)
    assert.throws(() => readSessionOptions({ concurrent: { max: 1, over: 'ask' as never } }), /'end-oldest' or 'refuse'/)
    assert.deepEqual(readSessionOptions({ concurrent: { max: 3 } }).concurrent, { max: 3, over: 'end-oldest', roles: {} })
  })

  it('are advised against when they last long', () => {
    const advise = (input: Parameters<typeof readSessionOptions>[0]) =>
      [...session.check!(readSessionOptions(input))].map(({ id }) => id)
    assert.deepEqual(advise({}), [])
    assert.deepEqual(advise({ idle: '2d', absolute: '30d' }), ['HF-SESSION-1', 'HF-SESSION-2'])
  })
})
