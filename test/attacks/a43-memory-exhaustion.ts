import { memoryStore } from '../../src/store/memory.ts'
import { defineAttack } from '../support/attack.ts'

const ROOM = 1000
const rate = { limit: 1, period: 3_600_000 }

export default defineAttack({
  id: 'A43',
  title: 'floods the limiter with new keys, until it forgets who is blocked or the process runs out of memory',
  control: 'rateLimit',
  without: {
    heldBy: 'design',
    why: 'the memory store is bounded whatever the options; how much memory that is stands in its own tests',
  },
  async succeeds() {
    const pressed: unknown[] = []
    const store = memoryStore({ maxKeys: ROOM, onPressure: (pressure) => pressed.push(pressure) })
    const blocked = { limit: 1, period: 30 * 86_400_000 }
    await store.take('the attacker', blocked, 1_000_000)
    for (let n = 0; n < 3 * ROOM; n++) await store.take(`address ${n}`, rate, 1_000_001 + n)
    const again = await store.take('the attacker', blocked, 2_000_000)
    return again.allowed || pressed.length === 0
  },
})
