/** Responses and what is done with incidents: each verb, by a person and by a machine. */
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import type { ResponseRequest } from '../../../src/observe/responses/responder-types.ts'
import type { Act, ActWorld } from './act.ts'

const BY = { kind: 'system', id: 'operator' } as const
const ADDRESS = { kind: 'client', value: '203.0.113.9' } as const
const MINUTE = 60_000

function signal(world: ActWorld, automatic: readonly string[] = []) {
  return {
    ...({ id: 's', detection: 'd', severity: 'high', time: world.clock.now, dryRun: false, actors: [ADDRESS] } as const),
    ...{ targets: [], targetCount: 0, why: 'A test says so.', automatic, offered: [] },
  }
}

/** An incident, and a request for a response to it. */
async function incident(world: ActWorld) {
  const { incidents, responses } = world.responding
  incidents.take(signal(world))
  await incidents.settled()
  const { id } = (await incidents.list())[0]!
  const request = (response: string, more: Partial<ResponseRequest> = {}): ResponseRequest => {
    return { response, by: BY, reason: 'A test says so.', incident: id, ...more }
  }
  return { id, incidents, responses, request }
}

/** An incident with an address that is blocked for a minute. */
async function blocked(world: ActWorld) {
  const all = await incident(world)
  const outcome = await all.responses.apply(all.request('block-client', { subject: ADDRESS, lasts: MINUTE }))
  assert.ok(outcome.ok)
  return { ...all, applied: outcome.applied }
}

export const RESPONSE_ACTS: readonly Act[] = [
  {
    title: 'holds an address up',
    types: ['response_applied'],
    async prepare(world) {
      const { responses, request } = await incident(world)
      return () => responses.apply(request('block-client', { subject: ADDRESS }))
    },
  },
  {
    title: 'does at once what cannot be undone',
    types: ['response_begun', 'response_applied', 'session_ended'],
    async prepare(world) {
      const bob = await world.user('bob')
      await world.session('bob')
      const { responses, request } = await incident(world)
      return () => responses.apply(request('end-user-sessions', { subject: { kind: 'user', value: bob.id } }))
    },
  },
  {
    title: 'makes a password void',
    types: ['response_begun', 'response_applied', 'session_ended'],
    async prepare(world) {
      const bob = await world.user('bob')
      await world.address(bob.id, 'bob@app.example')
      await world.session('bob')
      const { responses, request } = await incident(world)
      return () => responses.apply(request('force-password-change', { subject: { kind: 'user', value: bob.id } }))
    },
  },
  {
    title: 'breaks half way',
    types: ['response_begun', 'response_failed'],
    async prepare(world) {
      const { responses, request } = await incident(world)
      return async () => {
        const outcome = responses.apply(request('rotate-keys'))
        await outcome.catch((error: Error) => assert.match(error.message, /no next key|hf_audit_intake/))
        // Without its record it did not even begin, which is what the test looks for.
        if ((await responses.list()).length === 0) await outcome
      }
    },
  },
  {
    title: 'undoes a response',
    types: ['response_undone'],
    async prepare(world) {
      const { responses, applied } = await blocked(world)
      return () => responses.undo(applied.id, BY, 'It was our own.')
    },
  },
  {
    title: 'lets a response run out',
    types: ['response_expired'],
    async prepare(world) {
      const { responses } = await blocked(world)
      world.clock.now += MINUTE
      return () => responses.sweep(world.clock.now)
    },
  },
  {
    title: 'says what a killed process began, and nobody ended',
    types: ['response_interrupted'],
    async prepare(world) {
      const bob = await world.user('bob')
      await world.session('bob')
      const { responses, request } = await incident(world)
      assert.ok((await responses.apply(request('end-user-sessions', { subject: { kind: 'user', value: bob.id } }))).ok)
      await sql`UPDATE hf_responses SET state = 'begun'`.execute(world.database.kysely)
      world.clock.now += 11 * MINUTE
      return () => responses.sweep(world.clock.now)
    },
  },
  {
    title: 'does what a second person approved, and uses the yes up',
    types: ['authz_approval_used', 'response_applied'],
    async prepare(world) {
      const ada = await world.user('ada', ['admin'])
      const { responses, request } = await incident(world)
      const asked = await responses.ask(request('read-only'))
      assert.ok(asked.ok)
      assert.ok((await world.accounts.approvals.approve(asked.approval.id, { operator: ada.id })).ok)
      return () => responses.apply(request('read-only'))
    },
  },
  {
    title: 'answers by itself',
    types: ['response_applied'],
    async prepare(world) {
      const { id, responses } = await incident(world)
      return async () => {
        // What two processes would do at once is done once in ten seconds.
        world.clock.now += 10_000
        const [one] = await responses.automatic(signal(world, ['block-client']), id)
        if (!one!.outcome.ok) throw new Error(one!.outcome.says)
      }
    },
  },
  {
    title: 'closes an incident',
    types: ['incident_changed'],
    async prepare(world) {
      const { incidents, id } = await incident(world)
      return () => incidents.setState(id, 'false-positive', BY, 'It was our own.')
    },
  },
  {
    title: 'hands evidence out',
    types: ['incident_exported'],
    async prepare(world) {
      const { id } = await incident(world)
      return () => world.responding.evidence(id, BY)
    },
  },
]
