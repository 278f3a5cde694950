/** Puts incidents and responses together: what responses act with, what holds requests up, and what listens to the bus and to answers. */
import { join } from 'node:path'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { Accounts } from '../accounts/index.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { act } from '../engine/act.ts'
import type { Answers } from '../engine/answers.ts'
import type { Emit, Listener } from '../engine/events.ts'
import { Client, Principal } from '../engine/facts.ts'
import type { Exchange, Slot } from '../engine/exchange.ts'
import { Session } from '../controls/session/slot.ts'
import { parseNetwork, type Network } from '../http/ip.ts'
import type { Subject } from '../observe/detected.ts'
import { collectEvidence, signEvidence, type Configuration, type Evidence } from '../observe/evidence/bundle.ts'
import { billOfMaterials } from '../observe/evidence/sbom.ts'
import type { EvidenceSource } from '../observe/evidence/source.ts'
import type { Envelope } from '../observe/evidence/sign.ts'
import { shortId } from '../observe/ids.ts'
import { createAlarms } from '../observe/incidents/alarms.ts'
import type { Timeline } from '../observe/incidents/timeline.ts'
import { createIncidents, type Incidents } from '../observe/incidents/incidents.ts'
import { livingIncident } from '../observe/incidents/rows.ts'
import { createIncidentRetention, evidenceFileName, type Pruned, type Pruning } from '../observe/incidents/retain.ts'
import { trace, type Identity, type Trace } from '../observe/incidents/trace.ts'
import { INCIDENT_STATES } from '../observe/incidents/types.ts'
import { Containments, createContainments } from '../observe/responses/containments.ts'
import type { InForce } from '../observe/responses/in-force.ts'
import type { Levers } from '../observe/responses/levers.ts'
import { createResponses } from '../observe/responses/responder.ts'
import type { Responses } from '../observe/responses/responder-types.ts'
import type { By } from '../observe/responses/response.ts'
import { Spared } from '../observe/responses/spared.ts'
import { overlap } from '../observe/responses/targets.ts'
import { secondPersonOf } from './responding-approvals.ts'
import { identify } from './responding-identity.ts'
import type { Surroundings } from '../recorded/surroundings.ts'
import type { Announcements } from '../store/announcements.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'

export interface Responding {
  readonly incidents: Incidents
  readonly responses: Responses
  /** What is in force in this process. */
  inForce(): InForce
  /** The services that controls ask for. */
  readonly services: readonly (readonly [Slot<any>, unknown])[]
  /** The evidence of an incident, signed; `undefined`: there is no such incident. */
  evidence(id: string, by: By): Promise<Envelope | undefined>
  /** The after-action report of an incident, in Markdown. */
  report(id: string, by: By): Promise<string | undefined>
  trace(subject: Subject, range: { readonly from: number; readonly to: number }): Promise<Trace>
  /** Listens to events and answers; returns how to stop. */
  listen(on: (listener: Listener) => () => void, answers: Answers): () => void
  /** Removes what was kept long enough of closed incidents; by itself once an hour. */
  prune(pruning: Pruning): Promise<Pruned>
  sweep(now: number): Promise<number>
}

export interface RespondingSetting {
  readonly database: Database
  readonly once: AtomicStore
  readonly accounts: Accounts
  readonly keys: Pick<KeyRing, 'current' | 'ids' | 'subkey'>
  readonly announcements: Announcements | undefined
  readonly timeline: Timeline
  readonly emit: Emit
  readonly now: () => number
  readonly random: (bytes: number) => string
  readonly onFault: (error: unknown) => void
  /** Milliseconds for which what is in force is believed. */
  readonly keep: number
  readonly surroundings: Surroundings
  /** Where evidence is looked up. */
  readonly source: EvidenceSource
  /** Where evidence is written. */
  readonly folder: string
}

/** How often it is looked for incidents past their time. */
const PRUNE_EVERY = 3_600_000
const RETENTION = { kind: 'system', id: 'retention' } as const

/** None of the events that it causes is an alarm itself, so nothing goes round in circles. */
export function createResponding(setting: RespondingSetting): Responding {
  const { database, announcements, keep, onFault, emit, now, random, surroundings, accounts } = setting
  const containments = createContainments({ database, announcements, keep, onFault })
  const spared = new Set([...surroundings.doors, ...surroundings.spared])
  const isSpared = (path: string) => spared.has(path)
  async function isHeld(userId: string): Promise<boolean> {
    await containments.refresh(now())
    return containments.inForce.refused('user', userId, now()) !== undefined
  }
  const levers = createLevers(setting, { isSpared, isHeld, snapshot })
  const { enforced, automaticPerHour } = surroundings
  const responses = createResponses({
    ...{ ...setting, levers, containments, enforced, automaticPerHour },
    ...{ secondPerson: secondPersonOf(accounts), record: setting.timeline.note },
    incidentOf: (id) => livingIncident(database.kysely, id),
  })
  const incidents = createIncidents({ ...setting, responses })
  const folder = join(setting.folder, 'evidence')
  const retention = createIncidentRetention({ database, emit, now, folder })
  let nextPrune = 0

  /** `settled`: waits for signals that are not written yet. Not from within an answer that was given by itself: it is given while they are. */
  async function collect(id: string, by: By, settled = true): Promise<Evidence | undefined> {
    if (settled) await incidents.settled()
    const incident = await incidents.byId(id)
    if (incident === undefined) return undefined
    return await collectEvidence({
      incident,
      responses: await responses.list({ incident: incident.id, limit: 500 }),
      source: setting.source,
      configuration: configurationOf(surroundings),
      software: billOfMaterials(process.cwd(), now()),
      site: surroundings.site,
      by,
      now: now(),
    })
  }

  async function evidence(id: string, by: By, settled = true): Promise<Envelope | undefined> {
    const collected = await collect(id, by, settled)
    if (collected === undefined) return undefined
    const envelope = signEvidence(setting.keys, collected)
    const data = { id, by: `${by.kind}:${by.id}`, key: envelope.signatures[0]!.keyid }
    // Before anything of it leaves: an export that cannot be recorded is none.
    await act(database, emit, async (_, tell) => await tell({ type: 'incident_exported', data }))
    return envelope
  }

  async function report(id: string, by: By): Promise<string | undefined> {
    const collected = await collect(id, by)
    if (collected === undefined) return undefined
    const { reportOf } = await import('../observe/incidents/report.ts')
    return reportOf(collected)
  }

  async function snapshot(id: string, by: By): Promise<string> {
    const envelope = await evidence(id, by, false)
    if (envelope === undefined) throw new Error('There is no incident of that id.')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, evidenceFileName(id, now(), shortId(random)))
    writeFileSync(file, `${JSON.stringify(envelope)}\n`, { mode: 0o600, flag: 'wx' })
    return file
  }

  function traceOf(subject: Subject, range: { readonly from: number; readonly to: number }): Promise<Trace> {
    const incidentsOf = async () => {
      const found = await incidents.list({ states: INCIDENT_STATES, subject, limit: 50 })
      return (await Promise.all(found.map(({ id }) => incidents.byId(id)))).filter((one) => one !== undefined)
    }
    const openRoutes = async () => surroundings.open
    const responsesTo = () => responses.list({ subject, limit: 100 })
    const who = (one: Subject): Promise<Identity | undefined> => identify(accounts, one, now())
    return trace({ source: setting.source, identify: who, incidentsOf, responsesTo, openRoutes }, subject, range)
  }

  function listen(on: (listener: Listener) => () => void, answers: Answers): () => void {
    const stopAlarms = on(createAlarms(incidents.take, random))
    const stopAnswers = answers.on(({ x, status, time }) => {
      const watched = !containments.inForce.empty
      if (!incidents.watching && !watched) return
      const subjects = subjectsOf(x)
      incidents.saw({ subjects, method: x.method, path: x.path, status, time })
      if (watched && containments.inForce.watched(subjects, time)) emit({ type: 'request_watched', data: { status } }, x)
    })
    return () => {
      stopAlarms()
      stopAnswers()
    }
  }

  async function pruneInTime(at: number): Promise<void> {
    const { keepIncidents: length } = surroundings
    if (length === null || at < nextPrune) return
    nextPrune = at + PRUNE_EVERY
    await retention.prune({ keep: length, by: RETENTION })
  }

  return {
    incidents,
    responses,
    inForce: () => containments.inForce,
    services: [
      [Containments, containments],
      [Spared, isSpared],
    ],
    evidence,
    report,
    trace: traceOf,
    listen,
    prune: retention.prune,
    async sweep(at) {
      const swept = (await responses.sweep(at)) + (await incidents.sweep(at))
      await pruneInTime(at)
      return swept
    },
  }
}

function configurationOf({ hash, controls, startedAt }: Surroundings): Configuration | undefined {
  return hash === '' ? undefined : { hash, controls, startedAt }
}

/** Everything by which who asked is known. */
function subjectsOf(x: Exchange): readonly Subject[] {
  const [client, principal, session] = [x.get(Client), x.get(Principal), x.get(Session)]
  return [
    ...(client ? [{ kind: 'client', value: client.address } as const] : []),
    ...(client && client.network !== client.address ? [{ kind: 'client', value: client.network } as const] : []),
    ...(principal ? [{ kind: 'user', value: principal.id } as const] : []),
    ...(principal?.impersonatedBy ? [{ kind: 'user', value: principal.impersonatedBy.id } as const] : []),
    ...(session ? [{ kind: 'session', value: session.session.id } as const] : []),
    ...(principal?.apiKey === undefined ? [] : [{ kind: 'api-key', value: principal.apiKey } as const]),
    ...(principal?.app === undefined ? [] : [{ kind: 'app', value: principal.app } as const]),
  ]
}

interface Own {
  readonly isSpared: (path: string) => boolean
  readonly isHeld: Levers['isHeld']
  readonly snapshot: Levers['snapshot']
}

function createLevers({ accounts, now, surroundings }: RespondingSetting, { isSpared, isHeld, snapshot }: Own): Levers {
  const { users, sessions, apiKeys, tokens, emergency, sendsMail } = accounts
  const networks = (texts: readonly string[]): readonly Network[] => texts.flatMap((text) => parseNetwork(text) ?? [])
  const never: readonly (readonly [string, readonly Network[]])[] = [
    ['it is this machine', networks(['127.0.0.0/8', '::1/128'])],
    ['it is a declared proxy, behind which everybody is', networks(surroundings.proxies)],
    ['it stands in containment.own', networks(surroundings.own)],
  ]
  return {
    async person(id) {
      const user = await users.byId(id)
      if (user === undefined) return undefined
      const administers = (await emergency.administrators()).includes(user.id)
      return { id: user.id, login: user.login, administers, reachable: sendsMail && user.address?.verified === true }
    },
    administrators: emergency.administrators,
    isHeld,
    ownerOf: emergency.ownerOf,
    countSessions: async (userId) => (await sessions.list(userId, now())).length + (await tokens.list(userId, now())).length,
    countEverybody: emergency.signedIn,
    endSession: (userId, id, by) => sessions.end(userId, id, by),
    endSessions: (userId, by) => sessions.endAll(userId, by),
    endEverybodys: emergency.endEverybodys,
    revokeApiKey: (userId, id, by) => apiKeys.revoke(userId, id, by),
    endApp: (userId, id, by) => tokens.end(userId, id, by),
    rotateKeys: async (by, withOverlap) => (await tokens.rotateKey(by, { revoke: !withOverlap })) !== undefined,
    voidPassword: emergency.voidPassword,
    tellOwner: emergency.tellOwner,
    snapshot,
    neverBlocked(text) {
      const network = parseNetwork(text)
      if (network === undefined) return 'it is no address'
      return never.find(([, list]) => list.some((one) => overlap(one, network)))?.[0]
    },
    limits: surroundings.limits,
    feature: (name) => (Object.hasOwn(surroundings.features, name) ? surroundings.features[name] : undefined),
    spared: isSpared,
    async describe({ kind, value }) {
      const user = kind === 'user' ? await users.byId(value) : undefined
      return user ? `${user.login} (user)` : `${kind} ${value}`
    },
  }
}
