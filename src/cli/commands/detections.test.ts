/** `holdfast detections` tells what the application runs, and fires each by its replay. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Secret } from '../../crypto/secret.ts'
import { createHoldfast, HoldfastError } from '../../index.ts'
import { detections as list } from '../../observe/detections/index.ts'
import { readHoneytokens } from '../../observe/honeytokens.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

const data = mkdtempSync(join(tmpdir(), 'holdfast-detections-'))
const empty = mkdtempSync(join(tmpdir(), 'holdfast-detections-none-'))

async function holdfast(words: readonly string[], folder = data) {
  return await run(commands, ['detections', ...words], {
    environment: { HOLDFAST_DATA: folder },
    now: Date.now,
    warn: () => {},
    readPassword: async () => new Secret('unused'),
  })
}

before(async () => {
  const application = await createHoldfast({
    origin: 'http://localhost:3000',
    data,
    mode: 'test',
    log: 'silent',
    detections: {
      each: {
        'cors-probe': 'dry-run',
        'attack-tool': { state: 'off', reason: 'our own scanner calls every hour' },
        'brute-force-account': { holds: 8, leak: '2m' },
      },
    },
  })
  await application.stop()
})
after(() => {
  for (const folder of [data, empty]) rmSync(folder, { recursive: true })
})

describe('holdfast detections list', () => {
  it('prints a line for each, with the states and thresholds of the application', async () => {
    const { code, out } = await holdfast(['list'])
    assert.equal(code, 0)
    for (const { name } of list) assert.match(out, new RegExp(`^${name} `, 'm'))
    assert.match(out, /^cors-probe +dry-run/m)
    assert.match(out, /^attack-tool +off/m)
    assert.match(out, /^brute-force-account +on +medium +holds 8, leak 2m$/m)
    assert.match(out, /^honeytoken +on +critical +-$/m)
  })

  it('says of one what it means, why, and what answers it', async () => {
    const { out } = await holdfast(['list', 'brute-force-account'])
    assert.match(out, /guessing its password\.\nRests on: T1110\.001/)
    assert.match(out, /^holds +8 +default 5 +failures of one account/m)
    assert.match(out, /Answered at once by: slow-down\. Offered: require-step-up/)
    assert.match((await holdfast(['list', 'honeytoken'])).out, /once is enough/)
  })

  it('gives the defaults, and says so, where no application has started', async () => {
    const { code, out } = await holdfast(['list'], empty)
    assert.equal(code, 0)
    assert.match(out, /^attack-tool +on/m)
    assert.match(out, /These are the defaults/)
  })

  it('gives the same to programs', async () => {
    const { out } = await holdfast(['list', '--json'])
    const all = JSON.parse(out) as { name: string; thresholds: Record<string, { value: number }> }[]
    assert.equal(all.length, 34)
    assert.equal(all.find(({ name }) => name === 'brute-force-account')?.thresholds['leak']?.value, 120_000)
  })

  it('refuses a name that there is not, and says what may have been meant', async () => {
    const { code, error } = await holdfast(['list', 'honeytokens'])
    assert.equal(code, 2)
    assert.match(error, /Did you mean "honeytoken"/)
  })
})

describe('holdfast detections test', () => {
  it('fires each of them, and says by whom and what would answer', async () => {
    for (const { name } of list) {
      const { code, out } = await holdfast(['test', name])
      assert.equal(code, 0, name)
      assert.match(out, new RegExp(`^${name} fired at its replay of \\d+ signals \\(\\w+\\): .+\\.\nBy: \\w`), name)
    }
  })

  it('says when nothing would come of it', async () => {
    assert.match((await holdfast(['test', 'cors-probe'])).out, /At once: nothing, this is a dry run/)
    assert.match((await holdfast(['test', 'attack-tool'])).out, /It is off: of an attack nobody would be told\./)
  })
})

describe('holdfast detections decoy-key', () => {
  it('makes a key that the option takes, another each time', async () => {
    const made = await Promise.all([holdfast(['decoy-key', '--json']), holdfast(['decoy-key', '--json'])])
    const keys = made.map(({ out }) => (JSON.parse(out) as { key: string }).key)
    assert.deepEqual(readHoneytokens({ apiKeys: keys }).apiKeys, keys)
    assert.notEqual(keys[0], keys[1])
    assert.throws(() => readHoneytokens({ apiKeys: ['hf_key_short'] }), HoldfastError)
  })
})
