/** `holdfast audit redact` and `prune`: the two ways in which something leaves the log, both recorded in it. */
import { readKeep } from '../../settings/audit-options.ts'
import { parseKeyring } from '../../crypto/keyring.ts'
import type { Duration } from '../../engine/duration.ts'
import { EVENT_CLASSES } from '../../engine/event-classes.ts'
import { redact } from '../../observe/audit/redact.ts'
import { createRetention } from '../../observe/audit/retain.ts'
import type { Redactable } from '../../observe/audit/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Outcome } from '../command.ts'
import { keysOf } from '../settings-of.ts'
import { ACTOR, withAudit } from './open.ts'

const PARTS: readonly string[] = ['who', 'what']

export async function redactEvent(call: Call): Promise<Outcome> {
  const event = call.args[0]!
  const parts = (call.option('parts') ?? 'who,what').split(',')
  const reason = call.option('reason')?.trim()
  if (parts.some((part) => !PARTS.includes(part))) throw new Refusal(2, '--parts is who, what, or who,what.')
  if (!reason) throw new Refusal(2, 'Say why: --reason TEXT. It stands in the log.')
  return await withAudit(call, async ({ database, bus }) => {
    const outcome = await redact(database, bus.emitter('audit'), { event, parts: parts as Redactable[], reason, actor: ACTOR })
    if (outcome.ok)
      return done(`${event} is blanked. Exports, segments on disk and the application log keep what they have.`, { event, parts })
    const text = outcome.reason === 'unknown-event' ? `There is no event ${shown(event)}.` : `${shown(event)} is blanked already.`
    return refused(outcome.reason, text)
  })
}

export async function prune(call: Call): Promise<Outcome> {
  const text = keysOf(call)
  if (text === undefined)
    throw new Refusal(
      3,
      'A tombstone is signed by the key ring of the application. Set HOLDFAST_KEYS, or name its folder with --data.',
    )
  const given = EVENT_CLASSES.flatMap((name) => {
    const value = call.option(name)
    return value === undefined ? [] : [[name, value as Duration | 'forever'] as const]
  })
  const keep = readKeep(Object.fromEntries(given))
  return await withAudit(call, async ({ database, bus, host }) => {
    const keys = parseKeyring(text, call.io.now)
    const removed = await createRetention({ database, bus, keys, host, now: call.io.now, actor: ACTOR }).prune(keep)
    return done(removed === 0 ? 'Nothing is old enough.' : `Removed ${removed} events.`, { removed })
  })
}
