/** Every detection of the list is fired by its replay, and by nothing else. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { randomToken } from '../../crypto/random.ts'
import type { Report } from '../../engine/events.ts'
import { RESPONSES, type State } from '../detecting/definition.ts'
import { fireReplay } from '../detecting/fire.ts'
import { defaultsOf } from '../detecting/options.ts'
import type { Chosen } from '../detecting/runtime.ts'
import type { Signal } from '../detecting/signal.ts'
import { detections } from './index.ts'

const NAMES = detections.map(({ name }) => name)

function all(state: State = 'on', changes: Readonly<Record<string, Readonly<Record<string, number>>>> = {}): Chosen[] {
  return detections.map((detection) => ({
    detection,
    state,
    thresholds: { ...defaultsOf(detection), ...changes[detection.name] },
  }))
}

async function firedBy(chosen: readonly Chosen[], signals: readonly Signal[]): Promise<string[]> {
  const fired = await fireReplay(chosen, signals, { random: randomToken })
  return [...new Set(fired.map(({ detection }) => detection))]
}

describe('the list of detections', () => {
  it('has 34, each with a name and a file of its own', () => {
    assert.equal(new Set(NAMES).size, 34)
    assert.deepEqual(
      NAMES.filter((name) => !existsSync(join(import.meta.dirname, `${name}.ts`))),
      [],
    )
  })

  for (const detection of detections) {
    const { name, why, anchors, needs, automatic, offered, severity, thresholds, replay } = detection
    const values = defaultsOf(detection)

    describe(name, () => {
      it('says why in one sentence, what it rests on, and proposes what there is', () => {
        assert.match(why, /^[A-Z][^.!?]{30,200}\.$/)
        assert.ok(anchors.length > 0 && needs.length > 0)
        for (const response of [...automatic, ...offered]) assert.ok(RESPONSES.includes(response))
        assert.equal(new Set([...automatic, ...offered]).size, automatic.length + offered.length)
      })

      it('is fired by its replay, alone of all, once, with actors and a reason', async () => {
        const fired = await fireReplay(all(), replay.fires(values), { random: randomToken })
        assert.deepEqual(
          fired.map(({ detection: which }) => which),
          [name],
        )
        const [one] = fired
        assert.equal(one!.severity.length > 0 && one!.dryRun, false)
        assert.ok(one!.actors.length > 0 && one!.actors.length <= 16)
        assert.ok(one!.targetCount >= one!.targets.length)
        assert.match(one!.why, /\w{3,}/)
        assert.ok(severity === one!.severity || one!.severity === 'high')
        assert.match(one!.id, /^[\w-]{16}$/)
      })

      it('is not fired by the near miss, and nothing else is', async () => {
        assert.deepEqual(await firedBy(all(), replay.nearMiss(values)), [])
      })

      it('is silent when it is off', async () => {
        assert.deepEqual(await firedBy(all('off'), replay.fires(values)), [])
      })

      it('says so in dry-run', async () => {
        const fired = await fireReplay(all('dry-run'), replay.fires(values), { random: randomToken })
        assert.deepEqual(
          fired.map(({ dryRun }) => dryRun),
          [true],
        )
      })

      it('stands in the log when it fires', async () => {
        const said: Report[] = []
        await fireReplay(all(), replay.fires(values), { random: randomToken, emit: (report) => void said.push(report) })
        assert.deepEqual(
          said.map(({ type, data }) => [type, data?.['detection'], data?.['dryRun']]),
          [['detection_fired', name, false]],
        )
      })

      for (const [threshold, { kind, least, most }] of Object.entries(thresholds)) {
        it(`has a sensible ${threshold}`, () => {
          const value = values[threshold]!
          assert.ok(least <= value && value <= most, `${value} of ${kind}`)
        })
      }

      const main = ['holds', 'least', 'fails', 'account', 'history', 'speed'].find((key) => key in thresholds)
      if (main !== undefined) {
        it(`moves with its threshold ${main}`, async () => {
          const raised = { ...values, [main]: values[main]! * (main === 'speed' ? 20 : 3) }
          const strict = all('on', { [name]: raised })
          assert.ok(!(await firedBy(strict, replay.fires(values))).includes(name), 'what fired before does no more')
          if (main === 'speed') return
          assert.ok((await firedBy(strict, replay.fires(raised))).includes(name), 'and what is over it does')
        })
      }
    })
  }
})
