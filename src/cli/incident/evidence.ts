/** `holdfast incident trace | report | export | verify | keys`: what is known, in forms that others can check. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Subject } from '../../observe/detected.ts'
import type { Evidence } from '../../observe/evidence/bundle.ts'
import { trustedKeys, verifyEvidence, type VerifiedEvidence } from '../../observe/evidence/verify.ts'
import { describeTrace } from '../../observe/incidents/trace.ts'
import { shown } from '../arguments.ts'
import { done, found, refused, Refusal, type Action, type Call, type Option, type Outcome } from '../command.ts'
import type { Desk } from './open.ts'
import { opened } from './opened.ts'

const OUT: Option = { type: 'string', value: 'FILE', what: 'Where to; it must not be there yet' }
const SUBJECTS = { session: 'session', user: 'user', 'api-key': 'api-key', app: 'app', client: 'client' } as const
const LARGEST = 512 * 1024 * 1024
const MOST_NAMED = 5

export const evidenceActions: readonly Action[] = [
  {
    name: 'trace',
    args: [],
    what: 'What a session, key, app, account or address did, and what it could have done',
    options: {
      session: { type: 'string', value: 'ID', what: 'A session, by its public id' },
      user: { type: 'string', value: 'LOGIN', what: 'An account, by its login or id' },
      'api-key': { type: 'string', value: 'ID', what: 'A key, by its public name' },
      app: { type: 'string', value: 'ID', what: 'An app, by its public id' },
      client: { type: 'string', value: 'ADDRESS', what: 'A client, by its address' },
      since: { type: 'string', value: 'TIME', what: 'How far back: 2h, 7d [1d]' },
    },
    run: (call) => opened(call, (desk) => traced(call, desk)),
  },
  {
    name: 'report',
    args: ['ID'],
    what: 'The after-action report in Markdown, on standard output or into a file',
    options: { out: OUT },
    run: (call) =>
      opened(call, async (desk) => {
        const text = await desk.report(call.args[0]!, desk.by)
        return text === undefined ? unknown(call) : written(call, text, { report: text })
      }),
  },
  {
    name: 'export',
    args: ['ID'],
    what: 'The evidence as one signed file: events with their proofs, timeline, responses, configuration, software',
    options: { out: OUT },
    run: (call) =>
      opened(call, async (desk) => {
        const envelope = await desk.evidence(call.args[0]!, desk.by)
        return envelope === undefined ? unknown(call) : written(call, `${JSON.stringify(envelope)}\n`, envelope)
      }),
  },
  {
    name: 'verify',
    args: ['FILE'],
    what: 'Check a file of evidence, and each event in it, without the application: by the keys that are given, or those of the key ring here',
    options: {
      key: {
        type: 'string',
        multiple: true,
        value: 'KEY|FILE',
        what: 'Public keys that are trusted, or a file with them, as `incident keys` prints them',
      },
    },
    run: verify,
  },
  {
    name: 'keys',
    args: [],
    what: 'The public keys of evidence and of the audit log: give them to whoever will check it, before there is any',
    async run(call) {
      const keys = await ownPublicKeys(call)
      return done(keys.join('\n'), { keys })
    },
  },
]

function unknown(call: Call): Outcome {
  return refused('unknown-incident', `There is no incident ${shown(call.args[0]!)}.`)
}

async function traced(call: Call, desk: Desk): Promise<Outcome> {
  const now = call.io.now()
  const since = call.option('since') ?? '1d'
  const subject = await subjectOf(call, desk)
  const range = { from: now - readDuration(since), to: now + 1 }
  const found = await desk.trace(subject, range)
  return done(describeTrace(found), { trace: found })
}

async function subjectOf(call: Call, { accounts }: Desk): Promise<Subject> {
  const given = Object.entries(SUBJECTS).flatMap(([option, kind]) => {
    const value = call.option(option)
    return value === undefined ? [] : [{ kind, value }]
  })
  if (given.length !== 1)
    throw new Refusal(
      2,
      `Say whom it is about, once: ${Object.keys(SUBJECTS)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    )
  const [subject] = given as [Subject]
  const user = subject.kind === 'user' ? await accounts.users.byLogin(subject.value) : undefined
  return user ? { kind: 'user', value: user.id } : subject
}

function readDuration(text: string): number {
  try {
    return milliseconds('--since', text as Duration)
  } catch (error) {
    throw new Refusal(2, (error as Error).message)
  }
}

function written(call: Call, text: string, json: unknown): Outcome {
  const file = call.option('out')
  if (file === undefined) return done(text.trimEnd(), json)
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw new Refusal(3, `${shown(file)} cannot be written: ${(error as Error).message}`)
  }
  return done(`Written to ${file}.`, { file })
}

async function verify(call: Call): Promise<Outcome> {
  const text = readFile(call.args[0]!)
  const given = call.list('key')?.flatMap((one) => (existsSync(one) ? readFile(one).split(/\s+/) : one))
  const verified = verifyEvidence(text, given ?? (await ownPublicKeys(call)))
  if (!verified.ok) return found(problemOf(verified), { ok: false, reason: verified.reason })
  const { evidence, keyId, events } = verified
  const [proved, unproved] = [events?.proved ?? 0, events?.unproved ?? []]
  const json = { ok: true, keyId, incident: evidence.incident.id, events: evidence.events.list.length, proved, unproved }
  return done(`It is whole, signed with ${keyId}.\n${summary(evidence)}\n${describeProofs(verified)}`, json)
}

function problemOf({ reason, first }: Extract<VerifiedEvidence, { readonly ok: false }>): string {
  const words = {
    malformed: 'This is no file of evidence, or it was damaged.',
    'unknown-key': 'None of the keys that are trusted here signed it.',
    mismatch: 'It was changed after it was signed.',
    'no-log-key': 'Its events are proved by the audit log: give the key of the log as well, as "incident keys" prints it.',
    event: 'The audit log does not vouch for its events.',
  }
  return first === undefined
    ? words[reason]
    : `${words[reason]} Event ${first.place} of the list, ${shown(first.event)}: ${first.what}`
}

/** Of which events the log shows that they happened as they stand there, and of which it does not. */
function describeProofs({ evidence, events }: Extract<VerifiedEvidence, { readonly ok: true }>): string {
  if (events === undefined) return 'No event is proved: they do not come from the audit log.'
  const { checkpoints = [], keys = [] } = evidence.events.proofs ?? {}
  const proved = `${events.proved} events are proved by ${checkpoints.length} checkpoints of ${keys.join(', ')}.`
  const rest = events.unproved.map(({ id, unproved }) => `${id} (${unproved})`)
  return rest.length === 0 ? proved : `${proved} ${rest.length} are not proved: ${rest.slice(0, MOST_NAMED).join(', ')}`
}

/** Of the key ring here, under the name of the site whose database is here. */
async function ownPublicKeys(call: Call): Promise<readonly string[]> {
  const { ownKeys, withDatabase } = await import('../open.ts')
  const { hostOf } = await import('../audit-writer.ts')
  const keys = ownKeys(call)
  return await withDatabase(call, { make: false }, async (database) => trustedKeys(keys, await hostOf(database, call)))
}

function readFile(file: string): string {
  try {
    if (statSync(file).size > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Refusal(3, `${shown(file)} cannot be read: ${(error as Error).message}`)
  }
}

function summary({ site, madeAt, madeBy, incident, responses, events, configuration, software }: Evidence): string {
  return [
    `Incident ${incident.id} of ${site}, ${incident.state}: ${incident.title}`,
    `made ${madeAt} by ${madeBy}`,
    `${events.list.length} events of the ${events.source}${events.complete ? '' : ', not all'}; ${responses.length} responses`,
    `configuration ${configuration?.hash ?? 'not known'}; ${software?.components.length ?? 0} packages`,
  ].join('\n')
}
