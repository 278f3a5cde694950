import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from '../../cli/arguments.ts'
import { commands } from '../../cli/commands/index.ts'
import { responseNamed } from '../responses/index.ts'
import { toCacao } from './cacao.ts'
import { playbookFor, playbooks } from './index.ts'

const IDENTIFIER = /^[a-z][a-z0-9-]+[a-z0-9]--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

describe('playbooks', () => {
  it('are at least ten, each with a name of its own', () => {
    assert.ok(playbooks.length >= 10)
    assert.equal(new Set(playbooks.map(({ name }) => name)).size, playbooks.length)
  })

  for (const { name, steps } of playbooks) {
    it(`${name} begins with somebody who takes it, contains, and ends with what is learnt`, () => {
      assert.equal(steps[0]!.title, 'Take the incident')
      assert.equal(steps.at(-1)!.phase, 'learn')
      assert.ok(steps.some(({ phase }) => phase === 'contain'))
      assert.ok(steps.every(({ done, what }) => done.length > 10 && what.length > 10))
    })

    it(`${name} names responses that there are, aimed at what they can be aimed at`, () => {
      for (const { response } of steps) {
        if (response === undefined) continue
        const known = responseNamed(response.name)
        assert.ok(known, response.name)
        for (const kind of response.on ?? []) assert.ok(known.subjects.includes(kind), `${response.name} at ${kind}`)
        for (const setting of Object.keys(response.settings ?? {})) assert.ok(Object.hasOwn(known.settings ?? {}, setting))
        assert.equal(known.subjects.length > 0, response.on !== undefined, response.name)
      }
    })

    it(`${name} asks two people, by a gate, where two decide`, () => {
      for (const { response, gate } of steps) {
        const settings = response?.settings ?? {}
        const two = response && responseNamed(response.name)!.needsSecond?.({ settings } as never)
        if (two) assert.match(gate ?? '', /Two people/)
      }
    })

    it(`${name} names commands that can be typed`, () => {
      for (const { command } of steps) {
        if (command === undefined) continue
        const [program, verb, ...words] = command.split(' ')
        assert.equal(program, 'holdfast')
        const found = commands.find((one) => one.name === verb)
        assert.ok(found, command)
        assert.doesNotThrow(() => parse(found, words), command)
      }
    })
  }

  it('are found by what was detected, the one that most of it names', () => {
    assert.equal(playbookFor(['sql-probe', 'traversal-probe', 'honeytoken'])!.name, 'injection-probing')
    assert.equal(playbookFor(['mass-read'])!.name, 'mass-read')
    assert.equal(playbookFor(['of-nobody']), undefined)
  })
})

describe('playbooks as CACAO 2.0', () => {
  for (const playbook of playbooks) {
    it(`${playbook.name} has all that the specification requires (sections 3.1, 4.1, 4.3, 4.5, 5.8, 7.1)`, () => {
      const cacao = toCacao(playbook) as Record<string, any>
      assert.deepEqual([cacao['type'], cacao['spec_version']], ['playbook', 'cacao-2.0'])
      for (const name of ['id', 'created_by', 'workflow_start']) assert.match(cacao[name], IDENTIFIER, name)
      for (const name of ['created', 'modified']) assert.match(cacao[name], TIMESTAMP, name)
      assert.ok(cacao['created'] <= cacao['modified'])
      assert.ok(cacao['severity'] >= 0 && cacao['severity'] <= 100)
      assert.ok(cacao['playbook_activities'].length > 0, 'there are types, so there are activities')
      const workflow = cacao['workflow'] as Record<string, Record<string, any>>
      const visited: string[] = []
      for (let id = cacao['workflow_start'] as string | undefined; id !== undefined; id = workflow[id]!['on_completion']) {
        assert.match(id, IDENTIFIER)
        const step = workflow[id]!
        assert.ok(id.startsWith(`${step['type']}--`), 'a key says what it is')
        assert.ok(!visited.includes(id), 'no circle')
        visited.push(id)
        if (step['type'] !== 'action') continue
        assert.ok(step['commands'].length > 0)
        for (const command of step['commands']) {
          assert.equal(command.type, 'manual')
          assert.ok(command.command.length > 0)
          assert.ok(cacao['playbook_activities'].includes(command.playbook_activity))
        }
        assert.ok(cacao['agent_definitions'][step['agent']].name)
      }
      assert.deepEqual(visited.toSorted(), Object.keys(workflow).toSorted(), 'every step is come to')
      assert.equal(visited.length, playbook.steps.length + 2)
      assert.equal(workflow[visited.at(-1)!]!['type'], 'end')
    })
  }

  it('keeps its ids from one export to the next, and has no two the same', () => {
    const ids = playbooks.map((one) => toCacao(one)['id'])
    assert.deepEqual(
      ids,
      playbooks.map((one) => toCacao(one)['id']),
    )
    assert.equal(new Set(ids).size, ids.length)
  })
})
