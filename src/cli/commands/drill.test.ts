import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Secret } from '../../index.ts'
import { responseNamed } from '../../observe/responses/index.ts'
import { playbooks } from '../../observe/playbooks/index.ts'
import { refuseElsewhere } from '../drills/application.ts'
import type { Drill } from '../drills/drill.ts'
import { drills, playDrill } from '../drills/index.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const io = { environment: {}, now: Date.now, warn: () => {}, readPassword: async () => new Secret('') }

describe('drills', () => {
  it('are one at least of each playbook that anything can notice, and of none that there is not', () => {
    const without = playbooks.filter(({ detections }) => detections.length === 0).map(({ name }) => name)
    assert.deepEqual(without, ['lost-signing-key'])
    const trained = new Set(drills.map(({ playbook }) => playbook))
    assert.deepEqual(
      playbooks
        .map(({ name }) => name)
        .filter((name) => !trained.has(name))
        .toSorted(),
      without,
    )
    for (const { playbook } of drills)
      assert.ok(
        playbooks.some(({ name }) => name === playbook),
        playbook,
      )
  })

  for (const drill of drills) {
    it(`${drill.name} is detected, contained and recovered from`, async () => {
      const result = await playDrill(drill)
      assert.equal(result.problem, undefined)
      assert.ok(result.ok)
      for (const time of [result.detect, result.contain, result.recover])
        assert.ok(time !== undefined && time >= 0 && time < 20_000)
      for (const name of result.responses) assert.ok(responseNamed(name), name)
    })
  }

  it('fail where nothing is detected, nothing contains it, nothing was to contain, or an honest user cannot work', async () => {
    // One that nothing answers by itself.
    const one = drills.find(({ name }) => name === 'leaked-keys')!
    const broken = async (change: Partial<Awaited<ReturnType<Drill['play']>>>, drill = one) => {
      const result = await playDrill({ ...drill, play: async (app) => ({ ...(await drill.play(app)), ...change }) })
      assert.equal(result.ok, false)
      return result.problem
    }
    assert.match((await broken({ attack: async () => {} }))!, /Nothing was detected/)
    assert.match((await broken({ answers: async () => [] }))!, /goes on/)
    assert.match((await broken({ succeeds: async () => false }))!, /came to nothing before/)
    assert.match((await broken({ works: async () => false }))!, /cannot work/)
    assert.match(
      (await broken({ answers: async () => [{ response: 'block-client', subject: { kind: 'client', value: '127.0.0.1' } }] }))!,
      /never blocked/,
    )
  })

  it('attack this machine alone', () => {
    for (const origin of ['http://localhost:1', 'http://127.0.0.1:1', 'http://127.8.9.1', 'http://[::1]:1'])
      refuseElsewhere(origin)
    for (const origin of [
      'http://192.0.2.1',
      'http://localhost.example',
      'http://127.0.0.1.example',
      'http://[::2]',
      'http://0.0.0.0',
    ])
      assert.throws(() => refuseElsewhere(origin), /attacks this machine alone/, origin)
  })
})

describe('holdfast drill', () => {
  it('lists the drills, plays one, and refuses one that there is not', async () => {
    assert.match((await run(commands, ['drill'], io)).out, /guessing/)
    const { code, out } = await run(commands, ['drill', 'guessing', '--json'], io)
    assert.equal(code, 0)
    assert.deepEqual(Object.keys(JSON.parse(out).results[0]).slice(0, 2), ['drill', 'ok'])
    const unknown = await run(commands, ['drill', 'gessing'], io)
    assert.equal(unknown.code, 2)
    assert.match(unknown.error, /Did you mean "guessing"/)
  })
})
