import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeInbound } from '../../test/support/exchange.ts'
import { parseKeyring, generateKey, type KeyRing } from '../crypto/keyring.ts'
import { race } from '../../test/support/race.ts'
import { createRandom } from '../crypto/random.ts'
import { Principal, SessionId } from '../engine/facts.ts'
import { Passage } from '../engine/passage.ts'
import { memoryStore } from '../store/memory.ts'
import { createKeptForms } from './kept-forms.ts'
import { mayBeSecret } from './resuming.ts'

const NOTE = { path: '/notes', fields: [['text', 'x']] } as const

function asked(session: string, user: string): Passage {
  const x = new Passage(fakeInbound({}), 0)
  x.set(SessionId, session)
  x.set(Principal, { id: user } as Principal)
  return x
}

const start = (keys: Pick<KeyRing, 'seal' | 'open'>) =>
  createKeptForms({ keys, once: memoryStore(), random: createRandom().token, now: () => 0 })

/** A ring that does not care for what a sealed text was made. */
function careless(keys: KeyRing): Pick<KeyRing, 'seal' | 'open'> {
  return { seal: (purpose, text) => keys.seal(purpose, text), open: (purpose, sealed) => keys.open(purpose, sealed) }
}

describe('kept forms', () => {
  it('belong to one session of one user: without the binding of the seal both others would get them (A295)', async () => {
    const keys = parseKeyring(generateKey())
    for (const [ring, expected] of [
      [keys, undefined],
      [careless(keys), NOTE],
    ] as const) {
      for (const other of [asked('s2', 'u1'), asked('s1', 'u2')]) {
        const kept = start(ring)
        const id = (await kept.keep(asked('s1', 'u1'), NOTE))!
        assert.deepEqual(await kept.take(other, id), expected)
      }
    }
  })

  it('give a form to one of many who take it at once', async () => {
    const kept = start(parseKeyring(generateKey()))
    const id = (await kept.keep(asked('s1', 'u1'), NOTE))!
    const taken = await race(20, () => kept.take(asked('s1', 'u1'), id))
    assert.equal(taken.filter((form) => form !== undefined).length, 1)
  })

  it('know by its name what may be a secret, however it is spelled', () => {
    const secret = ['password', 'newPassword', 'pass_word', 'Passwd', 'client-secret', 'apiToken', 'id_token', 'code', 'smscode']
    const more = [
      'otpCode',
      'one-time-otp',
      'pin',
      'PIN',
      'userPin',
      'pincode',
      'card',
      'card[number]',
      'creditcard',
      'cvc',
      'CVC2',
    ]
    assert.deepEqual(
      [...secret, ...more].filter((name) => !mayBeSecret(name)),
      [],
    )
    const plain = ['text', 'shippingAddress', 'encoding', 'opinion', 'author', 'scope', 'amount', '2', '', 'notes[0].text']
    assert.deepEqual(
      plain.filter((name) => mayBeSecret(name)),
      [],
    )
  })
})
