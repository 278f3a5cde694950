/**
 * The closed loop: each detection is fired by an attack on the admin panel over loopback, alone of all, and stands in an incident with whom it
 * names, within a second of the request that decided it. A detection without an attack here fails the test.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { detections } from '../../src/observe/detections/index.ts'
import { onAccounts } from './attacks-on-accounts.ts'
import { onRequests } from './attacks-on-requests.ts'
import { onSessions } from './attacks-on-sessions.ts'
import { startPanel, type Panel, type Told } from './panel.ts'

const ATTACKS = [...onAccounts, ...onSessions, ...onRequests]
const NAMES = detections.map(({ name }) => name)
const WITHIN = 1000
/** Fired by what the operator's machine does, not by a request. */
const BY_ITSELF = 'monitoring-silenced'

describe('each detection', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-attacks-'))
  const latencies: number[] = []
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('has an attack of our own', () => {
    assert.deepEqual([...ATTACKS.map(({ detection }) => detection), BY_ITSELF].toSorted(), NAMES.toSorted())
  })

  for (const { detection, options, before, run } of ATTACKS) {
    it(`${detection} fires at its attack, and nothing else does`, async () => {
      await using panel = await startPanel(options?.(folder))
      await before?.(panel)
      await settle(panel)
      await panel.holdfast.incidents.settled()
      const already = panel.told.length
      const kept = keptIncidents(panel)
      await run(panel)
      await settle(panel)
      await kept.wait(panel.told.length - already)
      const told = panel.told.slice(already)
      assert.deepEqual([...new Set(told.map(({ detected }) => detected.detection))], [detection])
      const [first] = told
      latencies.push(first!.after + (await kept.of(first!)))
      assert.deepEqual(
        kept.ids(),
        told.map(({ detected }) => detected.id),
      )
      const said = panel.events.filter(({ type, data }) => type === 'detection_fired' && data?.['detection'] === detection)
      assert.equal(said.length, told.length, 'the log says so')
    })
  }

  it(`${BY_ITSELF} fires when the application comes back with a detection turned off`, async () => {
    await using first = await startPanel({}, { data: folder })
    await first.stop()
    const each = { honeytoken: { state: 'off', reason: 'a test of what is silenced' } } as const
    const began = performance.now()
    await using second = await startPanel({ detections: { each } }, { data: folder })
    await settle(second)
    assert.deepEqual(
      second.told.map(({ detected }) => [detected.detection, detected.severity]),
      [[BY_ITSELF, 'critical']],
    )
    assert.match(second.told[0]!.detected.why, /HF-DETECTION-honeytoken/)
    await second.holdfast.incidents.settled()
    const [incident] = await second.holdfast.incidents.list()
    assert.deepEqual(incident?.detections, [BY_ITSELF])
    latencies.push(performance.now() - began)
  })

  it(`fires, and is kept, within ${WITHIN} ms of the request that decided it, all of them`, (context) => {
    const sorted = latencies.toSorted((a, b) => a - b)
    context.diagnostic(
      `median ${sorted[sorted.length >> 1]!.toFixed(1)} ms, most ${sorted.at(-1)!.toFixed(1)} ms of ${sorted.length}`,
    )
    assert.equal(sorted.length, detections.length)
    assert.ok(sorted.at(-1)! < WITHIN, `${sorted.at(-1)!} ms`)
  })
})

/** What incidents take in of detections from now on; they hear of alarms, too. */
function keptIncidents({ holdfast }: Panel) {
  const kept: { readonly id: string; readonly incident: string; readonly at: number }[] = []
  holdfast.incidents.on((change) => {
    if ((change.kind !== 'opened' && change.kind !== 'grew') || !NAMES.includes(change.detected?.detection ?? '')) return
    kept.push({ id: change.detected!.id, incident: change.incident.id, at: performance.now() })
  })

  /** Nothing hurries them: they are written as they are in an application. */
  async function wait(many: number): Promise<void> {
    const began = performance.now()
    while (kept.length < many && performance.now() - began < WITHIN) await pause()
  }

  return {
    wait,
    ids: () => kept.map(({ id }) => id),
    /** Sees that the incident names the detection, who did it and what it was aimed at; returns how long after the telling it was kept. */
    async of({ detected, at }: Told): Promise<number> {
      const { incident = '', at: keptAt = Infinity } = kept.find(({ id }) => id === detected.id) ?? {}
      const details = await holdfast.incidents.byId(incident)
      assert.ok(details, 'it stands in an incident')
      assert.ok(details.detections.includes(detected.detection), 'which names the detection')
      const involved = details.involved.map(({ kind, value }) => `${kind} ${value}`)
      assert.ok(detected.actors.length > 0)
      for (const { kind, value } of [...detected.actors, ...detected.targets])
        assert.ok(involved.includes(`${kind} ${value}`), value)
      return keptAt - at
    },
  }
}

const pause = () => new Promise<void>((resolve) => void setTimeout(resolve, 5))

/** Answers are told when their last byte has left, which is after we have read it. */
async function settle(panel: Panel): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await pause()
  await panel.holdfast.detections.settled()
}
