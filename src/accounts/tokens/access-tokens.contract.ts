/** What access tokens must hold, on every database. */
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { race } from '../../../test/support/race.ts'
import { readSigningKey } from '../../crypto/signing-key.ts'
import { CLI, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'
import { Secret } from '../../crypto/secret.ts'
import { readRefresh } from './refresh-text.ts'
import type { NewApp } from './app-types.ts'
import { MINUTE, ROLES, world, sibling } from './access-tokens-fixture.contract.ts'

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
}
