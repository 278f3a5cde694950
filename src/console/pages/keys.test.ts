import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keysPage, type KeyRow, type KeysModel } from './keys.ts'

const now = Date.UTC(2026, 10, 21, 14)
const row = (more: Partial<KeyRow> = {}): KeyRow => ({
  ...{ id: 'Ab1', name: 'export', scopes: ['notes:read'], status: 'active', created: now - 60_000 },
  ...{ expires: now + 86_400_000, lastUsed: undefined, ...more },
})
const model: KeysModel = {
  ...{ nonce: 'bm9uY2U', csrf: { name: '_csrf', token: 'T' }, base: '/c', now, keys: [row()], offered: ['*', 'notes:read'] },
}
const text = (more: Partial<KeysModel> = {}) => String(keysPage({ ...model, ...more }))

describe('the page of API keys', () => {
  it('escapes what comes from outside, and has no script, no handler and no inline style', () => {
    const evil = `"><script>alert(1)</script>'`
    const page = text({
      ...{ name: evil, notice: evil, brand: evil, login: evil, offered: [evil], made: { name: evil, text: evil } },
      keys: [row({ id: evil, name: evil, scopes: [evil] })],
      errors: { name: evil, form: evil },
    })
    assert.ok(page.includes('&lt;script&gt;'))
    assert.doesNotMatch(page, /<script|\son\w+=|\sstyle=/i)
  })

  it('names each key by its public id, with a button of its own where it lives', () => {
    const page = text({
      keys: [row(), row({ id: 'Cd2', name: 'old', status: 'revoked' }), row({ id: 'Ef3', status: 'expired' })],
    })
    assert.match(page, /hf_key_Ab1_…/)
    assert.match(page, /End<span class="sr"> the key export<\/span>/)
    assert.equal(page.match(/keys\/revoke/g)?.length, 1)
    assert.match(page, /<span class="badge">revoked<\/span>.*<span class="badge">expired<\/span>/s)
  })

  it('says when a key was used and when it ends', () => {
    assert.match(text(), /never used .* until <time/s)
    assert.match(text({ keys: [row({ lastUsed: now - 120_000, expires: undefined })] }), /2 minutes ago.*no last day/s)
    assert.match(text({ keys: [row({ scopes: [] })] }), /Nothing that needs a permission/)
    assert.match(text({ keys: [] }), /There are no keys/)
  })

  it('ties each input to a label, keeps what was chosen, and never a key that was made before', () => {
    const page = text({ name: 'nightly', chosen: { days: 30, scopes: ['notes:read'] }, errors: { scopes: 'Choose.' } })
    assert.match(page, /<label for="name">.*<input id="name"[^>]*value="nightly"/s)
    assert.match(page, /<label for="days">.*<select id="days"/s)
    assert.match(page, /<option value="30" selected>30 days/)
    assert.match(page, /name="scope:notes:read" value="on" checked/)
    assert.doesNotMatch(page, /name="scope:\*" value="on" checked/)
    assert.match(page, /href="#scopes">Choose\..*id="scopes"/s)
    assert.doesNotMatch(page, /shown this once/)
    assert.match(text({ made: { name: 'x', text: 'hf_key_x' } }), /<label for="made">.*id="made" value="hf_key_x"/s)
  })

  it('leads to a proof instead of the form when the last one is old', () => {
    const page = text({ prove: '/login/again?next=%2Fc' })
    assert.match(page, /href="\/login\/again\?next=%2Fc"/)
    assert.doesNotMatch(page, /keys\/create/)
  })
})
