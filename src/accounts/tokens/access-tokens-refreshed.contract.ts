/** What refresh tokens must hold: one successor, no copy unnoticed, an end. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeJwt } from 'jose'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Open } from '../fixture.contract.ts'
import { NOTICES } from '../profile/note.ts'
import { readRefresh } from './refresh-text.ts'
import { MINUTE, DAY, ROLES, world } from './access-tokens-fixture.contract.ts'

export function refreshTokensContract(name: string, open: Open, skip: string | false): void {
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
      await f.accounts.notices.sweep(f.clock.now)
      const letters = await f.letters()
      assert.deepEqual(
        letters.map(({ to, data }) => [to, data['what']]),
        [['ada@example.com', NOTICES['token-reused']]],
      )
      assert.ok((await f.accounts.doors.notMe.act(f.tokenOf(letters, 'notice'), from())).ok, 'its link takes it back')
      assert.equal(await f.access(other.accessToken), 'ended')
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
}
