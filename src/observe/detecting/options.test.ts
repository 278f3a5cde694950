/** The option `detections`: what is chosen, and what is refused at start-up. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detections } from '../detections/index.ts'
import { readDetections, type DetectionsOptions } from './options.ts'

const read = (options?: DetectionsOptions) => readDetections(detections, options)
const one = (options: DetectionsOptions, name: string) => read(options).chosen.find(({ detection }) => detection.name === name)!

describe('detections', () => {
  it('are all on, with the thresholds of the reference', () => {
    const { chosen, findings } = read()
    assert.equal(chosen.length, 34)
    assert.ok(chosen.every(({ state }) => state === 'on'))
    assert.deepEqual(one({}, 'brute-force-address').thresholds, { holds: 5, leak: 10_000 })
    assert.deepEqual(findings, [])
  })

  it('take a state for all, and states and thresholds for one', () => {
    const options: DetectionsOptions = { state: 'dry-run', each: { honeytoken: 'on', 'sql-probe': { holds: 20, leak: '2s' } } }
    assert.equal(one(options, 'cors-probe').state, 'dry-run')
    assert.equal(one(options, 'honeytoken').state, 'on')
    const { state, thresholds } = one(options, 'sql-probe')
    assert.deepEqual([state, thresholds['holds'], thresholds['leak'], thresholds['refused']], ['dry-run', 20, 2000, 1])
  })

  it('are turned off with a reason, which `check` tells', () => {
    const { findings } = read({ each: { 'attack-tool': { state: 'off', reason: 'our own scanner calls every hour' } } })
    assert.deepEqual(
      findings.map(({ id, what }) => [id, what]),
      [['HF-DETECTION-attack-tool', 'The detection "attack-tool" is off: our own scanner calls every hour.']],
    )
  })

  for (const [title, options, message] of [
    ['an unknown detection', { each: { honeytokens: 'on' } }, /Did you mean "honeytoken"/],
    ['an unknown threshold', { each: { 'sql-probe': { hold: 3 } } }, /HF_OPTION_UNKNOWN[^]*holds/],
    ['a count that is none', { each: { 'sql-probe': { holds: 2.5 } } }, /whole number/],
    ['a count out of bounds', { each: { 'sql-probe': { holds: 0 } } }, /from 1 to/],
    ['a time that is none', { each: { 'sql-probe': { leak: 'soon' } } }, /length of time/],
    ['a state that there is not', { each: { 'sql-probe': 'maybe' as never } }, /Write 'on', 'dry-run' or 'off'/],
    ['off without a reason', { each: { 'sql-probe': 'off' } }, /Say why/],
    ['all off', { state: 'off' as never }, /'on' or 'dry-run'/],
    ['an option that there is not', { each: {}, mmdb: 'x' } as never, /HF_OPTION_UNKNOWN/],
    ['a path of administrators that is none', { adminPaths: ['admin'] }, /beginning of a path/],
    ['no object', false as never, /Give an object/],
  ] as const satisfies readonly (readonly [string, DetectionsOptions, RegExp])[])
    it(`${title} is refused`, () => assert.throws(() => read(options), message))
})

describe('what answers by itself', () => {
  it('never shuts out the owner of an account that somebody else chose, and never stops the application', () => {
    const grave = ['lock-account', 'disable-route', 'read-only', 'rotate-keys', 'force-password-change', 'end-user-sessions']
    const found = detections.flatMap(({ name, automatic }) =>
      automatic.filter((one) => grave.includes(one)).map((one) => `${name}: ${one}`),
    )
    assert.deepEqual(found, [])
  })
})
