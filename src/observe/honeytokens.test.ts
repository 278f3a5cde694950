/** What touches a decoy, what does not, and what cannot be planted. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHoneytokens, readHoneytokens, type Carried, type HoneytokensOptions } from './honeytokens.ts'
import { createMarkedTraps } from './honeytokens-marked.ts'
import type { Active } from './responses/hold.ts'
import { compileInForce } from './responses/in-force.ts'

const KEY = `hf_key_${'A'.repeat(11)}_${'b'.repeat(49)}`
const OPTIONS: HoneytokensOptions = {
  routes: ['/wp-login.php'],
  fields: ['homepage'],
  accounts: ['root'],
  apiKeys: [KEY],
  rows: ['helga.decoy@example.org'],
}
const QUIET: Carried = { path: '/', target: '/', body: undefined, credentials: '', login: undefined, user: undefined, given: [] }
const traps = createHoneytokens(readHoneytokens(OPTIONS), (login) => `mark of ${login}`)
const touched = (carried: Partial<Carried>) => traps.touched({ ...QUIET, ...carried }).map(({ kind, name }) => `${kind} ${name}`)

describe('a decoy', () => {
  it('is touched by its route in any letters, also where the path could not be read', () => {
    assert.deepEqual(touched({ path: '/WP-login.php' }), ['route /wp-login.php'])
    assert.deepEqual(touched({ path: '', target: '/wp-login.php?x=1' }), ['route /wp-login.php'])
    assert.deepEqual(touched({ path: '/wp-login.php/x' }), [])
  })

  it('is touched by its field when it was filled in, and not by the form as we send it', () => {
    assert.deepEqual(touched({ body: { homepage: 'https://spam.example', title: 'x' } }), ['field homepage'])
    assert.deepEqual(touched({ body: { homepage: '', title: 'x' } }), [])
    assert.deepEqual(touched({ body: Object.create({ homepage: 'inherited' }) as object }), [])
  })

  it('is touched by a failed sign-in of its name, and by its key', () => {
    assert.deepEqual(touched({ login: 'mark of root' }), ['account root'])
    assert.deepEqual(touched({ login: 'mark of somebody' }), [])
    assert.deepEqual(touched({ credentials: `Bearer ${KEY}` }), [`api-key ${KEY.slice(0, 18)}`])
  })

  it('is touched by its row: given out, or sent to us in the address or the body', () => {
    assert.deepEqual(touched({ given: ['ada@example.org', 'helga.decoy@example.org'] }), ['row helga.decoy@example.org'])
    assert.deepEqual(touched({ target: '/u?mail=Helga.Decoy%40example.org' }), ['row helga.decoy@example.org'])
    assert.deepEqual(touched({ body: { to: ['helga.decoy@example.org'] } }), ['row helga.decoy@example.org'])
    assert.deepEqual(touched({ target: '/u?mail=ada%40example.org%zz' }), [])
  })

  it('in a form is seen by nobody: not by eyes, screen readers, the keyboard, or what fills forms in', () => {
    const field = traps.field('homepage').toString()
    for (const part of ['aria-hidden="true"', 'hidden', 'tabindex="-1"', 'autocomplete="off"', 'name="homepage"'])
      assert.ok(field.includes(part), part)
    assert.throws(() => traps.field('other'), RangeError)
  })
})

describe('what cannot be planted', () => {
  for (const [title, options] of Object.entries({
    'a route with a query': { routes: ['/a?b'] },
    'a field that is no name': { fields: ['a b'] },
    'a key of another shape': { apiKeys: ['secret'] },
    'a value that occurs everywhere': { rows: ['ann'] },
    'an empty name': { accounts: [''] },
    'no list': { routes: '/x' as never },
  }))
    it(`${title} is refused at start-up`, () => assert.throws(() => readHoneytokens(options), /HF_OPTION_INVALID/))

  it('an unknown kind is refused, with the nearest', () =>
    assert.throws(() => readHoneytokens({ route: ['/x'] } as never), /HF_OPTION_UNKNOWN[^]*routes/))
})

describe('what a response marked', () => {
  const held = (kind: 'route' | 'login', value: string, until: number): Active => {
    return { id: value, hold: { kind: 'decoy', subject: { kind, value } }, since: 0, until }
  }

  it('is a decoy until its time is over, also while nothing new is read', () => {
    const inForce = compileInForce([held('route', '/old', 100), held('login', 'mark of root', 200)])
    const marked = createMarkedTraps(
      () => inForce,
      (login) => login,
    )
    assert.equal(marked(99)!.touched({ ...QUIET, path: '/old' }).length, 1)
    assert.equal(marked(100)!.touched({ ...QUIET, path: '/old' }).length, 0)
    assert.equal(marked(100)!.touched({ ...QUIET, login: 'mark of root' }).length, 1)
    assert.equal(marked(200), undefined)
  })

  it('is looked for as soon as it is in force', () => {
    let inForce = compileInForce([])
    const marked = createMarkedTraps(
      () => inForce,
      (login) => login,
    )
    assert.equal(marked(1), undefined)
    inForce = compileInForce([held('route', '/old', 100)])
    assert.equal(marked(1)!.touched({ ...QUIET, path: '/old' }).length, 1)
  })
})
