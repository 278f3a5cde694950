/** Two whole applications with one database, as two processes have it: an attack that each sees half of fires once. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { generateKey } from '../../src/crypto/keyring.ts'
import { Secret, type HoldfastOptions } from '../../src/index.ts'
import { freshPostgres, freshRedis, postgresUrl, redisUrl } from '../support/services.ts'
import { startPanel } from './panel.ts'

const [postgresServer, redisServer] = [await postgresUrl(), await redisUrl()]
/** Of its own for each run: counts in a shared Redis stay for a while. */
const attacker = `198.19.${randomInt(256)}.${randomInt(256)}`

async function firedByHalves(options: Partial<HoldfastOptions>): Promise<string[][]> {
  await using one = await startPanel(options)
  await using other = await startPanel(options)
  for (let index = 0; index < 8; index++) {
    const panel = index % 2 === 0 ? one : other
    await panel.client(attacker).signIn(`user${index % 4}`, `wrong ${index}`)
  }
  for (let turn = 0; turn < 40; turn++) {
    await new Promise<void>((resolve) => void setTimeout(resolve, 25))
    for (const panel of [one, other]) await panel.holdfast.detections.settled()
  }
  return [one, other].map(({ told }) => told.map(({ detected }) => detected.detection))
}

describe('two applications with one store', { timeout: 60_000 }, () => {
  const keys = new Secret(generateKey())
  const each = { 'brute-force-address': { holds: 3 } } as const

  it('on Redis see one attack, once', { skip: 'skip' in redisServer && redisServer.skip }, async () => {
    const { url, clear } = await freshRedis()
    const fired = await firedByHalves({ redis: url, keys, detections: { each } })
    assert.deepEqual(fired.flat(), ['brute-force-address'])
    await clear()
  })

  it('on PostgreSQL see one attack, once', { skip: 'skip' in postgresServer && postgresServer.skip }, async () => {
    const database = await freshPostgres()
    const fired = await firedByHalves({ database, processes: 2, keys, detections: { each } })
    assert.deepEqual(fired.flat(), ['brute-force-address'])
    await database.close()
  })
})
