/** `holdfast incident trace | report | export | verify | keys`: what is known, in forms that others can check. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Subject } from '../../observe/detected.ts'
import { verifyEvidence, type Evidence } from '../../observe/evidence/bundle.ts'
import { evidenceKeys } from '../../observe/evidence/sign.ts'
import { describeTrace } from '../../observe/incidents/trace.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Action, type Call, type Option, type Outcome } from '../command.ts'
import type { Desk } from './open.ts'
import { opened } from './opened.ts'

const OUT: Option = { type: 'string', value: 'FILE', what: 'Where to; it must not be there yet' }
const SUBJECTS = { session: 'session', user: 'user', 'api-key': 'api-key', app: 'app', client: 'client' } as const
const LARGEST = 512 * 1024 * 1024

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
    what: 'The evidence as one signed file: events, timeline, responses, configuration, software',
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
    what: 'Check a file of evidence without the application; the key is given, or read from the key ring here',
    options: {
      key: { type: 'string', multiple: true, value: 'KEY', what: 'A public key that is trusted, as `incident keys` prints it' },
    },
    run: verify,
  },
  {
    name: 'keys',
    args: [],
    what: 'The public keys that evidence is verified with: give them to whoever will check it, before there is any',
    async run(call) {
      const { ownKeys } = await import('../open.ts')
      const keys = evidenceKeys(ownKeys(call))
      return done(keys.map(({ id, text }) => `${text}  ${id}`).join('\n'), { keys })
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
  const trusted = call.list('key') ?? (await ownPublicKeys(call))
  const verified = verifyEvidence(text, trusted)
  if (!verified.ok) {
    const words = {
      malformed: 'This is no file of evidence, or it was damaged.',
      'unknown-key': 'None of the keys that are trusted here signed it.',
      mismatch: 'It was changed after it was signed.',
    }
    return refused(verified.reason, words[verified.reason])
  }
  const { evidence, keyId } = verified
  return done(`It is whole, signed with ${keyId}.\n${summary(evidence)}`, { ok: true, keyId, incident: evidence.incident.id })
}

async function ownPublicKeys(call: Call): Promise<readonly string[]> {
  const { ownKeys } = await import('../open.ts')
  return evidenceKeys(ownKeys(call)).map(({ text }) => text)
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
