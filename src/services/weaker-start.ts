/** Compares a start with the one before: what was turned off in between is said, since whoever wants to be unseen turns things off first. */
import type { Emit } from '../engine/events.ts'
import type { AtomicStore } from '../store/atomic.ts'

const KEY = 'application:weaker'
const CENTURY = 100 * 365 * 86_400_000

/** Says `sys_weaker_start` for each that is new. The first start of all has nothing to be compared with. */
export async function tellWeaker(
  once: AtomicStore,
  weaker: readonly string[],
  { emit, now }: { readonly emit: Emit; readonly now: number },
): Promise<void> {
  const text = await once.get(KEY, now)
  const before = text === undefined ? undefined : (JSON.parse(text) as readonly string[])
  if (before !== undefined)
    for (const what of weaker) if (!before.includes(what)) emit({ type: 'sys_weaker_start', data: { what } })
  await once.put(KEY, JSON.stringify(weaker.slice(0, 500)), CENTURY, now)
}
