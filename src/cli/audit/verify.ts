/** `holdfast audit verify`, `proof` and `key`: what can be shown to somebody who trusts neither the machine nor its owner. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { readVerifier, type Verifier } from '../../observe/audit/note.ts'
import { checkProof, prove } from '../../observe/audit/proof.ts'
import { verifyDatabase } from '../../observe/audit/verify/database.ts'
import { verifyFiles } from '../../observe/audit/verify/lines.ts'
import type { Verdict } from '../../observe/audit/verify/verifier.ts'
import type { AuditDatabase } from '../../observe/audit/schema.ts'
import { hasAudit } from '../audit-writer.ts'
import { shown } from '../arguments.ts'
import { done, found, refused, Refusal, type Call, type Outcome } from '../command.ts'
import { withDatabase } from '../open.ts'
import { table } from '../table.ts'
import { signersOf, withAudit } from './open.ts'

export async function verify(call: Call): Promise<Outcome> {
  const path = call.args[0]
  const seen = (call.list('seen') ?? []).map((file) => read(file))
  const given = verifiersOf(call)
  if (path === undefined) {
    return await withDatabase(call, { make: false }, async (database) => {
      if (!(await hasAudit(database))) throw new Refusal(3, 'This database has no audit log yet. Run "holdfast migrate" first.')
      const verifiers = required(given.length > 0 ? given : await signersOf(call, database))
      const progress = (events: number) => call.io.progress?.(`${events} events`)
      return say(await verifyDatabase(database as AuditDatabase, verifiers, { seen, progress }))
    })
  }
  if (!existsSync(path)) throw new Refusal(3, `There is no file ${shown(path)}.`)
  const verifiers = required(given)
  if (statSync(path).isFile() && read(path).startsWith('c2sp.org/tlog-proof')) return sayProof(checkProof(read(path), verifiers))
  const progress = (lines: number) => call.io.progress?.(`${lines} lines`)
  return say(await verifyFiles(path, verifiers, { seen, progress }))
}

export async function proof(call: Call): Promise<Outcome> {
  const event = call.args[0]!
  return await withAudit(call, async ({ database, log, record }) => {
    await record({ type: 'audit_exported', data: { actor: 'system:cli', format: 'proof', event } })
    await log.flush()
    const made = await prove(database, event, { shows: !call.flag('hide') })
    if (made.ok) return done(made.text, { proof: made.text })
    if (made.reason === 'not-signed')
      return refused(made.reason, `No checkpoint vouches for ${shown(event)} yet. The application signs within a minute.`)
    return refused(made.reason, `There is no event ${shown(event)}.`)
  })
}

export async function printKey(call: Call): Promise<Outcome> {
  return await withDatabase(call, { make: false }, async (database) => {
    const signers = await signersOf(call, database)
    if (signers.length === 0)
      throw new Refusal(
        3,
        'The key ring of the application is not known here. Set HOLDFAST_KEYS, or name its folder with --data.',
      )
    const keys = signers.map(({ text }) => text)
    return done(keys.join('\n'), { keys })
  })
}

function verifiersOf(call: Call): Verifier[] {
  return (call.list('public-key') ?? []).flatMap((given) => {
    const text = existsSync(given) ? read(given) : given
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const verifier = readVerifier(line)
        if (verifier) return verifier
        throw new Refusal(2, `${shown(line)} is no public key. "holdfast audit key" prints them: name+id+key.`)
      })
  })
}

/** Without a key a log that was rewritten as a whole would pass. */
function required(verifiers: readonly Verifier[]): readonly Verifier[] {
  if (verifiers.length > 0) return verifiers
  throw new Refusal(2, 'Give the public key of the log: --public-key KEY. "holdfast audit key" prints it.')
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

function say(verdict: Verdict): Outcome {
  const { chains, breaks, ok } = verdict
  const events = chains.reduce((sum, one) => sum + one.events, 0)
  const unsigned = chains.reduce((sum, one) => sum + Math.max(0, one.removed + one.events - one.signed), 0)
  if (ok) {
    const rows = chains
      .filter((one) => one.events + one.removed > 0)
      .map((one) => [one.chain, String(one.events), String(one.signed), String(one.removed), String(one.redacted)])
    const rest =
      unsigned === 0 ? '' : `\n${unsigned} events at the end are not signed yet: that none of them was cut off is not shown.`
    return done(
      `${table(['CHAIN', 'EVENTS', 'SIGNED UP TO', 'REMOVED', 'REDACTED'], rows)}\n\n${events} events hold.${rest}`,
      verdict,
    )
  }
  const lines = breaks.map(({ chain, seq, what, line }) => {
    const where = [chain, ...(seq === undefined ? [] : [`#${seq}`]), ...(line === undefined ? [] : [` (line ${line})`])].join('')
    return `${where}: ${what}`
  })
  const text = `The log does not hold.\n${lines.slice(0, 50).join('\n')}`
  return found(text, verdict)
}

function sayProof(checked: ReturnType<typeof checkProof>): Outcome {
  if (!checked.ok) return found(`The proof does not hold: ${checked.reason}.`, checked)
  const { origin, index, leaf, shown: parts } = checked
  return done(`Event ${index} of ${origin} stands in the log.\n${leaf}${parts.join('\n')}`, checked)
}
