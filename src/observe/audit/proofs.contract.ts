/** What proofs of many events must do, whichever database is behind the log: hold with the public key alone, and name what does not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import type { Database } from '../../store/database.ts'
import { checkProofs, type CheckedProofs } from './check-proofs.ts'
import { fixture, HOST, type Fixture } from './fixture.contract.ts'
import { readVerifier } from './note.ts'
import type { EventProof, ProvedEvents } from './proofs.ts'
import { redact } from './redact.ts'
import { createRetention } from './retain.ts'
import { createSigners } from './signers.ts'

const DAY = 86_400_000

/** Events of one user, the oldest first, proved. */
async function prove({ log }: Fixture, user = 'ada'): Promise<ProvedEvents> {
  await log.flush()
  const { events } = await log.search({ user }, { limit: 500 })
  return await log.prove(events.map(({ id }) => id).toReversed())
}

/** A copy that may be changed. */
const copyOf = (proved: ProvedEvents): any => structuredClone(proved)
const flip = (text: string, at: number) => `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
const holds = (checked: CheckedProofs) => (checked.ok ? checked.proved : `${checked.place}: ${checked.what}`)

export function proofsContract(name: string, open: () => Promise<Database>): void {
  describe(`proofs of many events on ${name}`, () => {
    it('hold with the public key alone, also of the newest, which are signed for it, whoever wrote them', async () => {
      const f = await fixture(await open())
      await f.write(25)
      const other = await f.open({ every: 1000 })
      other.emit({ type: 'session_forged', data: { userId: 'ada' } })
      other.emit({ type: 'user_updated', data: { userId: 'ada', actor: 'user:root' } })
      await other.log.flush()
      const before = await f.database.kysely.selectFrom('hf_audit_checkpoints').selectAll().execute()
      const proved = await prove(f)
      assert.deepEqual(checkProofs(proved.events, proved.proofs, f.verifiers), { ok: true, proved: 27, unproved: [] })
      const after = await f.database.kysely.selectFrom('hf_audit_checkpoints').selectAll().execute()
      assert.ok(after.length > before.length, 'what no checkpoint vouched for was signed')
      assert.ok(new Set(proved.events.map(({ chain }) => chain)).size >= 3)
      const [key] = f.verifiers
      assert.deepEqual(proved.proofs.keys, [`${key!.name}+${key!.id}`])
      assert.ok((await f.verify()).ok, 'the log itself holds as before')
      const again = await prove(f)
      assert.deepEqual(again, proved, 'nothing more is signed where all is signed')
    })

    it('name the first event that is not what was written, was moved, taken out or added', async () => {
      const f = await fixture(await open())
      for (const count of [10, 10, 5]) await f.write(count)
      const proved = await prove(f)
      const changed = (change: (copy: any) => void) => {
        const copy = copyOf(proved)
        change(copy)
        return holds(checkProofs(copy.events, copy.proofs, f.verifiers))
      }
      const event = /^7: It is not what was written/
      assert.match(changed(({ events }) => (events[6].time ^= 1)) as string, event)
      assert.match(changed(({ events }) => (events[6].data.index = 7)) as string, event)
      assert.match(changed(({ events }) => (events[6].data.userId = 'bda')) as string, event)
      assert.match(changed(({ events }) => (events[6].level = 'info')) as string, event)
      assert.match(changed(({ events }) => (events[6].client = '192.0.2.1')) as string, event)
      assert.match(changed(({ proofs }) => (proofs.events[6].found.user = 'bda')) as string, event)
      assert.match(changed(({ proofs }) => (proofs.events[6].proof.who = flip(proofs.events[6].proof.who, 3))) as string, event)
      assert.match(changed(({ proofs }) => (proofs.events[6].path[1] = flip(proofs.events[6].path[1], 9))) as string, event)
      assert.match(changed(({ proofs }) => proofs.events[6].path.pop()) as string, event)
      const strange = /^7: It says something that is not part/
      assert.match(changed(({ events }) => (events[6].comment = 'x')) as string, strange)
      assert.match(changed(({ events }) => (events[6].class = 'operation')) as string, strange)
      assert.match(changed(({ events }) => (events[6].control = ['test'])) as string, strange)
      assert.match(changed(({ events }) => (events[6].redacted = ['who'])) as string, strange)
      const note = ({ proofs }: any, at: number) => (proofs.checkpoints[1].note = flip(proofs.checkpoints[1].note, at))
      const { note: whole } = proved.proofs.checkpoints[1]!
      const second = /^11: The checkpoint at 20 is not signed/
      assert.match(changed((copy) => note(copy, whole.length - 20)) as string, second)
      assert.match(changed((copy) => note(copy, whole.split('\n', 2).join('\n').length + 5)) as string, second)
      assert.match(changed(({ proofs }) => proofs.checkpoints.splice(1, 1)) as string, second)
      const moved = /^7: The proof at this place is of/
      assert.match(changed(({ events }) => events.splice(6, 2, events[7], events[6])) as string, moved)
      assert.match(changed(({ events }) => events.splice(6, 1)) as string, moved)
      assert.match(changed(({ events }) => events.splice(6, 0, events[2])) as string, moved)
      assert.match(changed(({ events }) => events.pop()) as string, /^25: It has a proof, and is missing/)
      assert.match(changed(({ events }) => events.push(events[0])) as string, /^26: It stands in the list without a proof/)
      const place = ({ proofs }: any) => (proofs.events[6].id = 'nowhere')
      assert.match(changed((copy) => (place(copy), (copy.events[6].id = 'nowhere'))) as string, /^7: Its id is no place/)
    })

    it('hold for what was blanked, and for nothing that is put in its place', async () => {
      const f = await fixture(await open())
      await f.write(5)
      const ids = (await prove(f)).events.map(({ id }) => id)
      const how = { reason: 'erasure', actor: 'test' }
      assert.ok((await redact(f.database, f.emit, { event: ids[1]!, parts: ['who'], ...how })).ok)
      assert.ok((await redact(f.database, f.emit, { event: ids[3]!, parts: ['who', 'what'], ...how })).ok)
      const proved = await f.log.prove(ids)
      assert.equal(holds(checkProofs(proved.events, proved.proofs, f.verifiers)), 5)
      assert.deepEqual(proved.events[3]!.redacted, ['who', 'what'])
      const filled = copyOf(proved)
      filled.events[3].data = { userId: 'eve' }
      assert.match(holds(checkProofs(filled.events, filled.proofs, f.verifiers)) as string, /^4: It says something/)
      const hidden = copyOf(proved)
      delete hidden.events[3].redacted
      assert.match(holds(checkProofs(hidden.events, hidden.proofs, f.verifiers)) as string, /^4: It says something/)
    })

    it('hold behind what was removed in time, and say of each event without one why', async () => {
      const f = await fixture(await open())
      await f.write(20)
      const gone = (await prove(f)).events[2]!.id
      f.clock.now += 400 * DAY
      await f.write(15)
      const { database, bus, keys, clock } = f
      const retention = createRetention({ database, bus, keys, host: HOST, now: () => clock.now, actor: 'test' })
      assert.equal(await retention.prune({ security: 365 * DAY }), 20)
      const late = await prove(f)
      assert.equal(holds(checkProofs(late.events, late.proofs, f.verifiers)), 15)
      const { proofs } = await f.log.prove([gone, late.events[0]!.id, 'nonsense'])
      assert.deepEqual(
        proofs.events.map((one) => ('unproved' in one ? one.unproved : 'proved')),
        ['unknown-event', 'proved', 'unknown-event'],
      )
    })

    it('are not given for what is not as it was signed, or where nobody can sign', async () => {
      const f = await fixture(await open())
      for (const count of [10, 10]) await f.write(count)
      await f.database.kysely.updateTable('hf_audit').set({ client: '192.0.2.9' }).where('seq', '=', 12).execute()
      const broken = await prove(f)
      const unproved = broken.proofs.events.flatMap((one, index) => ('unproved' in one ? [`${index} ${one.unproved}`] : []))
      assert.deepEqual(
        unproved,
        Array.from({ length: 10 }, (_, n) => `${n + 10} not-what-was-signed`),
      )
      const mute = await fixture(await open(), { keys: undefined } as never)
      const silent = await mute.open({ keys: undefined })
      silent.emit({ type: 'session_forged', data: { userId: 'bob' } })
      await silent.log.flush()
      const found = await prove({ ...mute, log: silent.log }, 'bob')
      assert.deepEqual(found.proofs.events, [{ id: found.events[0]!.id, unproved: 'not-signed' }])
    })

    it('are believed for no other key, name or chain', async () => {
      const f = await fixture(await open())
      await f.write(3)
      const { events, proofs } = await prove(f)
      const stranger = createSigners(parseKeyring(generateKey()), HOST)
      const elsewhere = createSigners(f.keys, 'other.example')
      for (const verifiers of [[], stranger, elsewhere.map(({ text }) => readVerifier(text)!)])
        assert.match(holds(checkProofs(events, proofs, verifiers)) as string, /^1: The checkpoint at 3 is not signed/)
      const other = copyOf({ events, proofs })
      const rename = (text: string) => text.replace(/^[^/]+/, 'another-writer')
      for (const one of [...other.events, ...other.proofs.events] as (EventProof & { chain?: string })[])
        Object.assign(one, { id: rename(one.id), ...(one.chain !== undefined && { chain: rename(one.chain) }) })
      for (const one of other.proofs.checkpoints) one.chain = rename(one.chain)
      assert.match(holds(checkProofs(other.events, other.proofs, f.verifiers)) as string, /^1: The checkpoint at 3 is not signed/)
    })
  })
}
