/** What access tokens and refresh tokens must hold on every database. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { race } from '../../../test/support/race.ts'
import { readSigningKey } from '../../crypto/signing-key.ts'
import type { AccountsSetting } from '../accounts.ts'
import { FAN_OUT, fanOut, type Happening } from '../fan-out.ts'
import { CLI, fixture, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'
import { readRefresh } from './refresh-text.ts'
import type { IssuedTokens, NewApp } from './app-types.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const ROLES = { admin: ['*'], editor: ['notes:*', 'files:read'], reader: ['notes:read'], member: [] }

async function world(open: Open, setting: Partial<AccountsSetting> = {}) {
  const f = await fixture(open, { roles: ROLES, ...setting })
  const { tokens } = f.accounts
  async function app(login: string, more: Partial<NewApp> = {}): Promise<IssuedTokens> {
    const { token } = await f.session(login)
    const begun = await tokens.begin({ session: token.reveal(), client: 'Notes', ...more }, from())
    assert.ok(begun.ok, begun.ok ? '' : begun.reason)
    return begun
  }
  const access = async (text: string | Secret, accounts = f.accounts): Promise<string> => {
    const found = await accounts.tokens.admit(typeof text === 'string' ? text : text.reveal(), f.clock.now)
    return found.ok ? 'ok' : found.reason
  }
  const refresh = async (text: string | Secret) => await tokens.refresh(typeof text === 'string' ? text : text.reveal(), from())
  const refreshed = async (text: string | Secret): Promise<IssuedTokens> => {
    const result = await refresh(text)
    assert.ok(result.ok, result.ok ? '' : result.reason)
    return result
  }
  const reason = async (text: string | Secret): Promise<string> => {
    const result = await refresh(text)
    return result.ok ? 'ok' : result.reason
  }
  return { ...f, tokens, app, access, refresh, refreshed, reason }
}

/** A digit of base64url that differs in the bits which 64 bytes leave over. */
function sibling(digit: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return digits[digits.indexOf(digit) ^ 1]!
}

export function accessTokensContract(name: string, open: Open, skip: string | false): void {
  describe(`${name}: access tokens`, { skip }, () => {
    it('are JWTs of RFC 9068, for a person, an app and an audience', async () => {
      const f = await world(open)
      const { id } = await f.user('ada', ['editor'])
      const { accessToken, app, expiresIn } = await f.app('ada', { scopes: ['notes:read'] })
      const [header, claims] = [decodeProtectedHeader(accessToken.reveal()), decodeJwt(accessToken.reveal())]
      assert.deepEqual(Object.keys(header).toSorted(), ['alg', 'kid', 'typ'])
      assert.deepEqual([header.alg, header.typ], ['EdDSA', 'at+jwt'])
      const { jti, iat, exp, ...rest } = claims
      assert.deepEqual([typeof jti, exp! - iat!, expiresIn], ['string', 300, 300])
      const place = { iss: 'https://app.example', aud: 'https://app.example', sub: id, kind: 'person', sid: app.id }
      const proof = { auth_time: Math.floor(f.clock.now / 1000), amr: ['pwd'], acr: 'aal1' }
      assert.deepEqual(rest, { ...place, ...proof, scope: 'notes:read', client_id: 'Notes', epoch: rest['epoch'] })
      const found = await f.tokens.admit(accessToken.reveal(), f.clock.now)
      assert.ok(found.ok)
      const { permissions, ...principal } = found.principal
      assert.deepEqual([...permissions], ['notes:read'])
      const who = { id, login: 'ada', name: 'ada', roles: [], amr: ['pwd'], aal: 1, provedAt: f.clock.now, app: app.id }
      assert.deepEqual(principal, who)
    })

    it('come from a session, which ends with that, and store nothing that proves anything', async () => {
      const f = await world(open)
      const { id } = await f.user('ada')
      const { token } = await f.session('ada')
      f.takeEvents()
      const made = await race(20, () => f.tokens.begin({ session: token.reveal(), client: 'Notes' }, from()))
      const [won, ...more] = made.filter((one) => one.ok)
      assert.ok(won && more.length === 0)
      assert.deepEqual(f.takeEvents().toSorted(), ['authn_token_created', 'key_created', 'session_ended'])
      assert.equal((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok, false)
      assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [])
      const rows: unknown[] = []
      for (const table of ['hf_refresh', 'hf_signing_keys', 'hf_sessions'])
        rows.push(...(await f.database.statement(`SELECT * FROM ${table}`).all()))
      const stored = JSON.stringify([rows, f.events])
      for (const secret of [won.refreshToken.reveal(), won.accessToken.reveal().split('.')[2]!, token.reveal()])
        assert.equal(stored.includes(secret), false)
      assert.equal(stored.includes(readRefresh(won.refreshToken.reveal())!.text.split('.')[2]!), false)
    })

    it('can come from a session that lives on', async () => {
      const f = await world(open)
      await f.user('ada')
      const { token } = await f.session('ada')
      const begun = await f.tokens.begin({ session: token.reveal(), keep: true, client: 'Notes' }, from())
      assert.ok(begun.ok)
      assert.equal((await f.accounts.sessions.find(token.reveal(), f.clock.now)).ok, true)
      await f.accounts.sessions.endByToken(token.reveal())
      const late = await f.tokens.begin({ session: token.reveal(), keep: true, client: 'Notes' }, from())
      assert.deepEqual(late, { ok: false, reason: 'denied' })
      assert.equal(await f.access(begun.accessToken), 'ok', 'the app is signed in for itself')
    })

    it('are refused with what they cannot be; the session that was to become them ends all the same', async () => {
      const f = await world(open)
      const { id } = await f.user('ada', ['reader'])
      const cases: [Partial<NewApp>, string][] = [
        [{ client: '' }, 'client-invalid'],
        [{ client: 'x'.repeat(81) }, 'client-invalid'],
        [{ client: 'a\u202Eb' }, 'client-invalid'],
        [{ scopes: ['Notes'] }, 'scope-invalid'],
        [{ scopes: Array.from({ length: 51 }, (_, index) => `notes:n${index}`) }, 'scope-invalid'],
        [{ scopes: ['notes:write'] }, 'scope-not-held'],
        [{ audience: 'https://other.example' }, 'audience-unknown'],
        [{ session: 'A'.repeat(43) }, 'denied'],
      ]
      for (const [more, expected] of cases) {
        const { token } = await f.session('ada')
        const begun = await f.tokens.begin({ session: token.reveal(), client: 'Notes', ...more }, from())
        assert.deepEqual(begun, { ok: false, reason: expected })
        if (expected !== 'denied') assert.deepEqual(await f.accounts.sessions.list(id, f.clock.now), [], expected)
        else await f.accounts.sessions.endByToken(token.reveal())
      }
    })

    it('[L06] [L62] [L109] are dead at the next request when the user is disabled, the app is ended, or all is ended', async () => {
      const f = await world(open)
      const { id } = await f.user('ada')
      const quick = f.twin({ remember: 100, roles: ROLES })
      const ends: (() => Promise<unknown>)[] = [
        () => quick.users.disable(id, CLI),
        async () => quick.tokens.end(id, (await quick.tokens.list(id, f.clock.now))[0]!.id, CLI),
        () => quick.sessions.endAll(id, CLI),
        () => quick.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI),
      ]
      for (const end of ends) {
        const { accessToken, refreshToken } = await f.app('ada')
        assert.deepEqual([await f.access(accessToken, quick), await f.access(accessToken, quick)], ['ok', 'ok'])
        await end()
        assert.notEqual(await f.access(accessToken, quick), 'ok')
        await quick.users.enable(id, CLI)
        assert.equal(await f.access(accessToken, quick), 'ended')
        assert.equal(await f.reason(refreshToken), 'ended')
      }
    })

    it('[L06] are refused when the user was disabled past Holdfast', async () => {
      const f = await world(open)
      const { id } = await f.user('ada')
      const { accessToken, refreshToken } = await f.app('ada')
      await f.database.statement(`UPDATE hf_users SET status = 'disabled' WHERE id = ?`).run(id)
      assert.deepEqual([await f.access(accessToken), await f.reason(refreshToken)], ['user-disabled', 'user-disabled'])
    })

    it('are void when roles change; the app refreshes and may no more than the user now', async () => {
      const f = await world(open)
      const { id } = await f.user('ada', ['editor'])
      const { accessToken, refreshToken } = await f.app('ada', { scopes: ['notes:*', 'files:read'] })
      await f.accounts.users.setRoles(id, ['reader'], CLI)
      assert.equal(await f.access(accessToken), 'outdated')
      const next = await f.refreshed(refreshToken)
      assert.equal(decodeJwt(next.accessToken.reveal())['scope'], 'notes:read')
      const found = await f.tokens.admit(next.accessToken.reveal(), f.clock.now)
      assert.deepEqual(found.ok && [...found.principal.permissions], ['notes:read'])
    })

    it('end after five minutes, and with their app', async () => {
      const f = await world(open)
      await f.user('ada')
      const { accessToken } = await f.app('ada')
      f.clock.now += 5 * MINUTE - 1000
      assert.equal(await f.access(accessToken), 'ok')
      f.clock.now += 1000
      assert.equal(await f.access(accessToken), 'expired')
      const short = await world(open, { tokens: { absolute: 2 * MINUTE, idle: 2 * MINUTE } })
      await short.user('ada')
      assert.equal((await short.app('ada')).expiresIn, 120)
    })

    it('[L46] [L49] [L91] [L97] [L99] are nothing with another key, algorithm, type, issuer, audience or time, or with a head that says how to verify', async () => {
      const f = await world(open, { tokens: { audiences: ['https://app.example', 'https://other.example'] } })
      await f.user('ada', ['admin'])
      const { accessToken, refreshToken, app } = await f.app('ada')
      const foreign = (await f.app('ada', { audience: 'https://other.example' })).accessToken
      const text = accessToken.reveal()
      const [head, body, signature] = text.split('.') as [string, string, string]
      const claims = decodeJwt(text)
      const { exp: _, ...endless } = claims
      const { kid } = decodeProtectedHeader(text)
      const [published] = await f.tokens.published(f.clock.now)
      const row = await f.database.kysely
        .selectFrom('hf_signing_keys')
        .selectAll()
        .where('id', '=', kid!)
        .executeTakeFirstOrThrow()
      const der = f.keys.open('accounts/signing-key', row.value, [row.id, row.algorithm])
      assert.ok(der.ok)
      const own = (await readSigningKey('EdDSA', der.plaintext)).privateKey
      const stranger = generateKeyPairSync('ed25519').privateKey
      const ours = { alg: 'EdDSA', typ: 'at+jwt', kid: kid! } as const
      const sign = async (payload: object, header: object = {}, key = own) =>
        await new SignJWT({ ...claims, ...payload }).setProtectedHeader({ ...ours, ...header } as never).sign(key)
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const hmacKey = new TextEncoder().encode(JSON.stringify(published))
      const symmetric = async (key: Uint8Array) =>
        await new SignJWT(claims).setProtectedHeader({ ...ours, alg: 'HS256' }).sign(key)
      const wrong: Record<string, string> = {
        none: `${encode({ ...ours, alg: 'none' })}.${body}.`,
        'none with a signature': `${encode({ ...ours, alg: 'none' })}.${body}.${signature}`,
        'HS256 with the public key': await symmetric(hmacKey),
        'HS256 with spaces': await symmetric(new TextEncoder().encode(' '.repeat(32))),
        'another algorithm': `${encode({ ...ours, alg: 'ES256' })}.${body}.${signature}`,
        'the key of a stranger': await sign({}, {}, stranger),
        'a key that nobody has': await sign({}, { kid: 'A'.repeat(43) }),
        'a path as key': await sign({}, { kid: '../../dev/null' }),
        'SQL as key': await sign({}, { kid: "x' OR '1'='1" }),
        'an address of keys': await sign({}, { jku: 'https://evil.example/jwks.json' }),
        'a key in the head': await sign({}, { jwk: published }),
        'a certificate in the head': await sign({}, { x5u: 'https://evil.example/', x5c: ['AA=='] }),
        'another type': await sign({}, { typ: 'JWT' }),
        'no type': await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: kid! }).sign(own),
        'an identity token': await sign({ nonce: 'x' }, { typ: 'id_token+jwt' }),
        'another issuer': await sign({ iss: 'https://evil.example' }),
        'another audience': await sign({ aud: 'https://other.example' }),
        'several audiences': await sign({ aud: ['https://app.example', 'https://other.example'] }),
        'a foreign token': foreign.reveal(),
        'an end that was': await sign({ exp: Math.floor(f.clock.now / 1000) }),
        'no end': await new SignJWT(endless).setProtectedHeader(ours).sign(own),
        'a year': await sign({ exp: claims.exp! + 365 * 86_400 }),
        'not before tomorrow': await sign({ nbf: claims.iat! + 86_400 }),
        'issued tomorrow': await sign({ iat: claims.iat! + 86_400, exp: claims.iat! + 86_700 }),
        'another person (L99)': await sign({ sub: 'somebody' }),
        'a program (L99)': await sign({ kind: 'client' }),
        'a service (L99)': await sign({ kind: 'service' }),
        'no app': await sign({ sid: undefined }),
        'another app': await sign({ sid: 'A'.repeat(22) }),
        'a later epoch': await sign({ epoch: 99 }),
        'a changed body': `${head}.${encode({ ...claims, scope: 'other' })}.${signature}`,
        'no signature': `${head}.${body}.`,
        'a cut signature': text.slice(0, -4),
        'another spelling of the signature': text.slice(0, -1) + sibling(text.at(-1)!),
        'a refresh token': refreshToken.reveal(),
        'other case': text.toLowerCase(),
        'too long': `${head}.${body}${'A'.repeat(9000)}.${signature}`,
        'too many parts': `${text}.AAAA`,
        'a space before': ` ${text}`,
        nothing: '',
        dots: '..',
      }
      for (const [what, one] of Object.entries(wrong)) assert.notEqual(await f.access(one), 'ok', what)
      const critical = encode({ ...ours, crit: ['b64'], b64: false })
      assert.equal(await f.access(`${critical}.${body}.${signature}`), 'malformed')
      assert.equal(await f.access(await sign({})), 'ok', 'the judge can tell')
      assert.equal(await f.access(text), 'ok')
      assert.equal((await f.tokens.list(app.userId, f.clock.now)).length, 2, 'none of it ended anything')
    })

    it('[L58] carry facts of the application, which cannot pose as those of the token', async () => {
      let claims: Record<string, unknown> = { tenant: 'a' }
      const f = await world(open, { tokens: { claims: () => claims } })
      await f.user('ada')
      const { accessToken, refreshToken } = await f.app('ada')
      assert.equal(decodeJwt(accessToken.reveal())['tenant'], 'a')
      for (const name of ['sub', 'iss', 'aud', 'exp', 'nbf', 'kind', 'epoch', 'sid', 'scope', 'acr']) {
        claims = { [name]: 'mine' }
        await assert.rejects(f.refresh(refreshToken), { code: 'HF_OPTION_INVALID' }, name)
      }
    })

    it('are signed with ES256 where that is asked for, and each key verifies its own algorithm alone', async () => {
      const f = await world(open)
      await f.user('ada')
      const before = await f.app('ada')
      const other = f.twin({ roles: ROLES, tokens: { algorithm: 'ES256' } })
      const after = await other.tokens.refresh(before.refreshToken.reveal(), from())
      assert.ok(after.ok)
      assert.equal(decodeProtectedHeader(after.accessToken.reveal()).alg, 'ES256')
      assert.deepEqual([await f.access(after.accessToken, other), await f.access(before.accessToken, other)], ['ok', 'ok'])
    })

    it('[L98] are remembered by the whole of them, until anything is written', async () => {
      const f = await world(open)
      const { id } = await f.user('ada')
      const quick = f.twin({ remember: 100, roles: ROLES })
      const { accessToken } = await f.app('ada')
      await f.access(accessToken, quick)
      f.work.reset()
      assert.equal(await f.access(accessToken, quick), 'ok')
      assert.equal(f.work.counts.query, 0)
      const [head, body, signature] = accessToken.reveal().split('.')
      assert.notEqual(
        await f.access(`${head}.${body}.${signature!.startsWith('A') ? 'B' : 'A'}${signature!.slice(1)}`, quick),
        'ok',
      )
      await quick.users.disable(id, CLI)
      assert.equal(await f.access(accessToken, quick), 'ended')
    })
  })

  describe(`${name}: refresh tokens`, { skip }, () => {
    it('rotate at each use, and keep what the app is', async () => {
      const f = await world(open)
      const { id } = await f.user('ada', ['editor'])
      const first = await f.app('ada', { scopes: ['notes:read'], client: 'Ada’s phone' })
      f.clock.now += MINUTE
      const second = await f.refreshed(first.refreshToken)
      assert.notEqual(second.refreshToken.reveal(), first.refreshToken.reveal())
      assert.deepEqual(second.app, { ...first.app, seenAt: f.clock.now, expiresAt: first.app.expiresAt + MINUTE })
      assert.equal(decodeJwt(second.accessToken.reveal())['auth_time'], Math.floor(first.app.createdAt / 1000))
      assert.equal(await f.access(first.accessToken), 'ok', 'what was given stays good until its end')
      assert.deepEqual(await f.tokens.list(id, f.clock.now), [second.app])
    })

    it('[L26] give one successor to many who ask at once, and the same to all', async () => {
      const f = await world(open)
      await f.user('ada')
      const { refreshToken, app } = await f.app('ada')
      const all = await race(20, () => f.refresh(refreshToken))
      const successors = new Set(all.map((one) => (one.ok ? one.refreshToken.reveal() : one.reason)))
      assert.equal(successors.size, 1)
      const [next] = [...successors]
      assert.equal(readRefresh(next!)?.generation, 2)
      assert.equal(readRefresh(next!)?.family, app.id)
      assert.equal(await f.reason(next!), 'ok')
    })

    it('[L26] are given to the direct predecessor once more for ten seconds, and to nobody later', async () => {
      const f = await world(open)
      await f.user('ada')
      const { refreshToken } = await f.app('ada')
      const second = await f.refreshed(refreshToken)
      f.clock.now += 10_000
      const again = await f.refreshed(refreshToken)
      assert.equal(again.refreshToken.reveal(), second.refreshToken.reveal())
      f.clock.now += 1
      assert.equal(await f.reason(refreshToken), 'reused')
      assert.equal(await f.reason(second.refreshToken), 'ended')
    })

    it('[L26] kill their family when an older one is used, at once and for all its tokens, and say so', async () => {
      const f = await world(open)
      const { id } = await f.user('ada')
      await f.address(id, 'ada@example.com')
      const [stolen, other] = [await f.app('ada', { client: 'Phone' }), await f.app('ada', { client: 'Desk' })]
      const second = await f.refreshed(stolen.refreshToken)
      const third = await f.refreshed(second.refreshToken)
      f.takeEvents()
      const results = await race(20, () => f.reason(stolen.refreshToken))
      assert.equal(results.filter((one) => one === 'reused').length, 1)
      assert.ok(results.every((one) => one === 'reused' || one === 'ended'))
      const said = f.events.filter(({ type }) => type === 'authn_token_reuse')
      assert.deepEqual([said.length, said[0]!.level, said[0]!.data!['app']], [1, 'critical', stolen.app.id])
      assert.equal(await f.reason(third.refreshToken), 'ended')
      assert.deepEqual([await f.access(third.accessToken), await f.access(other.accessToken)], ['ended', 'ok'])
      const letters = await f.letters()
      assert.deepEqual(letters, [{ letter: 'token-reuse', to: 'ada@example.com', data: { client: 'Phone' } }])
    })

    it('[L32] are known as used after a restart, and long after', async () => {
      const f = await world(open)
      await f.user('ada')
      const { refreshToken } = await f.app('ada')
      let next = await f.refreshed(refreshToken)
      for (let week = 0; week < 5; week++) {
        f.clock.now += 7 * DAY
        next = await f.refreshed(next.refreshToken)
        await f.tokens.sweep(f.clock.now)
      }
      const restarted = f.twin({ roles: ROLES })
      const replayed = await restarted.tokens.refresh(refreshToken.reveal(), from())
      assert.deepEqual(replayed, { ok: false, reason: 'reused' })
      assert.equal(await f.reason(next.refreshToken), 'ended')
    })

    it('[L34] are refused cut, changed or in other case, and whoever sends that ends nothing', async () => {
      const f = await world(open)
      await f.user('ada')
      const { refreshToken, app } = await f.app('ada')
      const text = refreshToken.reveal()
      const swapped = text.replace(/[a-z](?=[^.]*$)/, (letter) => letter.toUpperCase())
      const parts = text.split('.')
      const wrong = [
        ...['', 'null', '0', 'hf_refresh_', ' ', '\0', 'a'.repeat(5000), `${text} `, ` ${text}`, `${text}\n`, swapped],
        ...[
          text.slice(0, -1),
          text.slice(1),
          text.slice(0, 40),
          text.toUpperCase(),
          text.toLowerCase(),
          text.replace('hf_refresh_', ''),
        ],
        ...[[parts[0], '0', ...parts.slice(2)].join('.'), [parts[0], '2', ...parts.slice(2)].join('.')],
        `hf_refresh_${app.id}.1.${'A'.repeat(43)}.${parts.slice(3).join('.')}`,
        `hf_refresh_${'A'.repeat(22)}.${parts.slice(1).join('.')}`,
      ]
      f.work.reset()
      for (const one of wrong) assert.match(await f.reason(one), /^(?:malformed|unknown)$/, one)
      assert.equal(f.work.counts.transaction, 0, 'nobody waits for a guess')
      assert.equal(await f.reason(text), 'ok')
    })

    it('end when they are not used for two weeks, and after 90 days in any case', async () => {
      const f = await world(open)
      await f.user('ada')
      const [idle, busy] = [await f.app('ada'), await f.app('ada')]
      let latest = busy
      const end = f.clock.now + 90 * DAY
      f.clock.now += 14 * DAY - 1
      latest = await f.refreshed(latest.refreshToken)
      f.clock.now += 1
      assert.equal(await f.reason(idle.refreshToken), 'expired')
      while (f.clock.now + 10 * DAY < end) {
        f.clock.now += 10 * DAY
        latest = await f.refreshed(latest.refreshToken)
      }
      f.clock.now = end - 120_000
      latest = await f.refreshed(latest.refreshToken)
      assert.equal(latest.expiresIn, 120, 'no access token outlives its app')
      f.clock.now = end
      assert.deepEqual([await f.reason(latest.refreshToken), await f.access(latest.accessToken)], ['expired', 'expired'])
      assert.deepEqual(await f.tokens.list(busy.app.userId, f.clock.now), [])
      f.clock.now += 8 * DAY
      assert.equal(await f.tokens.sweep(f.clock.now), 2)
    })

    it('are ended by whoever has one, refresh or access token, once', async () => {
      const f = await world(open)
      await f.user('ada')
      const [one, other] = [await f.app('ada'), await f.app('ada')]
      f.takeEvents()
      const ended = await race(20, () => f.tokens.revoke(one.refreshToken.reveal()))
      assert.equal(ended.filter(Boolean).length, 1)
      assert.deepEqual(f.takeEvents(), ['authn_token_revoked'])
      assert.equal(await f.reason(one.refreshToken), 'ended')
      assert.equal(await f.tokens.revoke(other.accessToken.reveal()), true)
      assert.equal(await f.access(other.accessToken), 'ended')
      for (const text of ['', 'x', `hf_refresh_${other.app.id}.1.${'A'.repeat(43)}.k.${'A'.repeat(43)}`])
        assert.equal(await f.tokens.revoke(text), false)
    })

    it('[L33] do not say that they were ended when the store did not answer', async () => {
      const f = await world(open)
      await f.user('ada')
      const { refreshToken, accessToken } = await f.app('ada')
      await f.database.statement('ALTER TABLE hf_refresh RENAME TO hf_gone').run()
      await assert.rejects(f.tokens.revoke(refreshToken.reveal()))
      await assert.rejects(f.tokens.revoke(accessToken.reveal()))
      await assert.rejects(async () => await f.tokens.admit(accessToken.reveal(), f.clock.now), 'a fault is no verdict')
      await f.database.statement('ALTER TABLE hf_gone RENAME TO hf_refresh').run()
      assert.equal(await f.reason(refreshToken), 'ok')
    })

    it('are ended one by one by their owner alone, and are at most 50', async () => {
      const f = await world(open)
      const [ada, eve] = [await f.user('ada'), await f.user('eve')]
      const { app, accessToken } = await f.app('ada')
      assert.equal(await f.tokens.end(eve.id, app.id, CLI), false)
      assert.equal(await f.tokens.end(ada.id, '%', CLI), false)
      assert.equal(await f.access(accessToken), 'ok')
      assert.equal(await f.tokens.end(ada.id, app.id, CLI), true)
      assert.equal(await f.access(accessToken), 'ended')
      const { token } = await f.session('ada')
      for (let made = 0; made < 51; made++) {
        f.clock.now += 1
        assert.ok((await f.tokens.begin({ session: token.reveal(), keep: true, client: `app ${made}` }, from())).ok)
      }
      const left = await f.tokens.list(ada.id, f.clock.now)
      assert.deepEqual([left.length, left.at(-1)?.client], [50, 'app 1'])
    })
  })

  describe(`${name}: what ends the apps of a user`, { skip }, () => {
    const cells: Partial<Record<Happening, 'ended' | 'outdated' | 'ok'>> = {
      'password-set': 'ended',
      'roles-changed': 'outdated',
      'user-disabled': 'ended',
      'user-enabled': 'ok',
      'factor-enrolled': 'ended',
      'factor-removed': 'ended',
      'recovery-code-used': 'ended',
      'factors-reset': 'ended',
      'ended-all': 'ended',
    }
    for (const happening of Object.keys(FAN_OUT) as Happening[]) {
      const { own, others, ...more }: { own: string; others: string; apps?: string } = FAN_OUT[happening]
      const effect = more.apps ?? others
      const expected =
        cells[happening] ?? (effect === 'end' ? 'ended' : effect === 'renew' || own === 'renew' ? 'outdated' : 'ok')
      it(`${happening}: ${expected}`, async () => {
        const f = await world(open)
        const { id } = await f.user('ada')
        const { accessToken, refreshToken, app } = await f.app('ada')
        const ended = await f.database.transaction((tx) => fanOut(tx, happening, id, { now: f.clock.now }))
        assert.deepEqual(ended, expected === 'ended' ? [app.id] : [])
        assert.equal(await f.access(accessToken), expected)
        assert.equal(await f.reason(refreshToken), expected === 'ended' ? 'ended' : 'ok')
      })
    }
  })
}
