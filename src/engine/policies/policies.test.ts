import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Principal } from '../facts.ts'
import { describeExplained, policyFor, refusalOf, rule } from './index.ts'

interface Note {
  readonly ownerId: string | undefined
  readonly tenantId: string
  readonly archived: boolean
}

const NOW = Date.UTC(2026, 0, 1)
const note: Note = { ownerId: 'ada', tenantId: 't1', archived: false }
const moment = { now: NOW }

function someone(id: string, more: Partial<Principal> = {}): Principal {
  const who = { id, login: id, name: id, roles: [], permissions: new Set<string>() }
  return { ...who, amr: ['pwd'], aal: 1, provedAt: NOW, ...more }
}

const notes = policyFor('notes', {
  read: rule.any(
    rule.owner(({ ownerId }: Note) => ownerId),
    rule.permission('notes:read-all'),
  ),
  edit: rule.all(
    rule.owner(({ ownerId }: Note) => ownerId),
    rule.not(rule.when('is archived', (_, { archived }: Note) => archived)),
  ),
  share: rule.all(
    rule.sameTenant(({ tenantId }: Note) => tenantId),
    rule.tenantRole('editor'),
  ),
  erase: rule.all(rule.role('admin'), rule.person(), rule.aal(2), rule.within('5m')),
  list: rule.anybody(),
})

const allows = (who: Principal | null, action: keyof typeof notes.actions, thing: Note = note) =>
  notes.decide(who, action, thing, moment).allow

describe('a policy', () => {
  it('allows what one of its rules allows, and nobody else anything', () => {
    assert.ok(allows(someone('ada'), 'read'))
    assert.ok(allows(someone('bob', { permissions: new Set(['notes:*']) }), 'read'))
    assert.ok(!allows(someone('bob'), 'read'))
    assert.ok(allows(someone('ada'), 'edit'))
    assert.ok(!allows(someone('ada'), 'edit', { ...note, archived: true }))
    assert.ok(!allows(null, 'read'))
    assert.ok(allows(null, 'list'))
  })

  it('takes a missing or empty owner and tenant for nobody’s', () => {
    assert.ok(!allows(someone(''), 'read', { ...note, ownerId: '' }))
    assert.ok(!allows(someone('undefined'), 'read', { ...note, ownerId: undefined }))
    assert.ok(!allows(someone('ada'), 'share'))
    assert.ok(
      !allows(someone('ada', { tenant: { id: '', roles: ['editor'], permissions: new Set<string>() } }), 'share', {
        ...note,
        tenantId: '',
      }),
    )
    assert.ok(!allows(someone('ada', { tenant: { id: 't2', roles: ['editor'], permissions: new Set<string>() } }), 'share'))
    assert.ok(allows(someone('ada', { tenant: { id: 't1', roles: ['editor'], permissions: new Set<string>() } }), 'share'))
  })

  it('says which rule decided', () => {
    const by = (who: Principal | null, action: keyof typeof notes.actions) => notes.decide(who, action, note, moment).by
    assert.equal(by(someone('ada'), 'read'), 'owner of it')
    assert.equal(by(someone('bob'), 'read'), 'not owner of it, not permission notes:read-all')
    assert.equal(by(someone('bob', { roles: ['admin'], apiKey: 'k' }), 'erase'), 'not a person')
    assert.deepEqual(describeExplained(notes.decide(someone('ada'), 'edit', note, moment).explained), [
      '+ all of',
      '  + owner of it',
      '  + not',
      '    - is archived',
    ])
  })

  it('asks for the proof that is missing, and never a program for one', () => {
    const refusal = (more: Partial<Principal>) => {
      const reply = refusalOf({ policy: notes, action: 'erase', resource: note, principal: someone('eve', more), moment })
      return reply && [reply.status, reply.denial?.code]
    }
    const admin = { roles: ['admin'] }
    assert.deepEqual(refusal({}), [403, 'not-permitted'])
    assert.deepEqual(refusal(admin), [403, 'stronger-proof-required'])
    assert.deepEqual(refusal({ ...admin, aal: 2, provedAt: NOW - 300_001 }), [401, 'recent-proof-required'])
    assert.deepEqual(refusal({ ...admin, aal: 2, provedAt: NOW - 300_001, apiKey: 'k' }), [403, 'not-permitted'])
    assert.equal(refusal({ ...admin, aal: 2 }), undefined)
    assert.equal(refusalOf({ policy: notes, action: 'erase', resource: note, principal: null, moment })?.status, 401)
  })

  it('hides what somebody may not see, where it is told to', () => {
    const hidden = policyFor(
      'notes',
      { read: rule.owner((n: Note) => n.ownerId), erase: rule.role('admin') },
      { visibleBy: 'read' },
    )
    const status = (who: Principal) =>
      refusalOf({ policy: hidden, action: 'erase', resource: note, principal: who, moment })?.status
    assert.deepEqual(
      [status(someone('bob')), status(someone('ada')), status(someone('bob', { roles: ['admin'] }))],
      [404, 403, undefined],
    )
  })

  it('refuses at start-up what means nothing, and does not know at run-time what it was not told', () => {
    const refused: [RegExp, () => unknown][] = [
      [/no rules.*allow everybody/s, () => rule.all()],
      [/no rules/, () => rule.any()],
      [/no name/, () => rule.when('', () => true)],
      [/not a length of time/, () => rule.within('soon' as '1m')],
      [/names no action/, () => policyFor('notes', {})],
      [/cannot be the name/, () => policyFor('Notes', { read: rule.anybody() })],
      [
        /no action "rea".*Did you mean "read"/s,
        () => policyFor('notes', { read: rule.anybody() }, { visibleBy: 'rea' as 'read' }),
      ],
      [/no action "toString"/, () => notes.decide(someone('ada'), 'toString' as 'read', note, moment)],
    ]
    for (const [message, work] of refused) assert.throws(work, message)
  })

  it('does not take a promise for a yes, nor a rule that throws', () => {
    const odd = policyFor('odd', {
      wait: rule.when('waits', (() => Promise.resolve(true)) as unknown as () => boolean),
      number: rule.when('counts', (() => 1) as unknown as () => boolean),
      fall: rule.any(
        rule.when('falls', () => {
          throw new Error('database gone')
        }),
        rule.anybody(),
      ),
    })
    for (const action of ['wait', 'number', 'fall'] as const)
      assert.throws(() => odd.decide(someone('ada'), action, undefined, moment), /answered with|database gone/)
  })
})
