/** Runs every attack twice under every framework it names: held with its control, seen to succeed without it. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { HoldfastOptions } from '../src/index.ts'
import { ADAPTERS, startApp, type Adapter } from './support/app.ts'
import { isHeldBy, type Attack } from './support/attack.ts'

const folder = join(import.meta.dirname, 'attacks')
const only = process.env['HOLDFAST_TEST_ATTACK']?.toLowerCase()
const attacks: Attack[] = []
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .toSorted()) {
  if (only !== undefined && !file.startsWith(only)) continue
  const { default: found } = (await import(join(folder, file))) as { default: Attack | readonly Attack[] }
  attacks.push(...(Array.isArray(found) ? (found as Attack[]) : [found as Attack]))
}

for (const attack of attacks) {
  describe(`${attack.id} ${attack.title}`, () => {
    for (const adapter of attack.adapters === 'all' ? ADAPTERS : (attack.adapters ?? ['node'])) {
      it(`is held by ${attack.control} under ${adapter}`, async () => assert.equal(await outcome(attack, adapter), false))
      if (isHeldBy(attack.without)) continue
      it(`succeeds without ${attack.control} under ${adapter}`, async () => {
        assert.equal(
          await outcome(attack, adapter, (attack.without as Partial<HoldfastOptions> | undefined) ?? { [attack.control]: false }),
          true,
        )
      })
    }
  })
}

it('has one id for each attack', () => {
  assert.notEqual(attacks.length, 0, `No file in test/attacks begins with ${only}.`)
  assert.deepEqual(attacks.map(({ id }) => id).toSorted(), [...new Set(attacks.map(({ id }) => id))].toSorted())
})

async function outcome(attack: Attack, adapter: Adapter, without: Partial<HoldfastOptions> = {}): Promise<boolean> {
  await using app = await startApp({ adapter, tls: attack.tls ?? false, options: { ...attack.options, ...without } })
  return await attack.succeeds(app)
}
