/** Plays a drill: attack, incident, responses, recovery, each timed, and each proved by asking as the attacker and as an honest user. */
import { setTimeout as delay } from 'node:timers/promises'
import { startDrillApp, type DrillApp } from './application.ts'
import type { Drill, DrillResult, Scene } from './drill.ts'
import type { IncidentDetails } from '../../observe/incidents/types.ts'

const BY = { kind: 'system', id: 'drill' } as const
/** For what two decide. */
const ALONE = 'A drill is one person.'
/** How long a signal may take to become an incident. */
const NOTICED = 2000
/** They keep nobody from anything. */
const WATCHING = ['snapshot-evidence', 'raise-log-level', 'notify-user']
/** For one of the three parts. */
const DEADLINE = 20_000

export async function playDrill(drill: Drill): Promise<DrillResult> {
  const app = await startDrillApp(drill.options ?? {})
  const times: { detect?: number; contain?: number; recover?: number; incident?: string; responses: string[] } = { responses: [] }
  let problem: string | undefined
  try {
    const scene = await drill.play(app)
    const incident = await detect(drill, app, scene, times)
    await contain(incident, app, scene, times)
    await recover(incident.id, app, scene, times)
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  } finally {
    await app.close()
  }
  const { detect: detected, contain: contained, recover: recovered, incident, responses } = times
  return {
    drill: drill.name,
    ok: problem === undefined,
    detect: detected,
    contain: contained,
    recover: recovered,
    incident,
    responses,
    problem,
  }
}

interface Times {
  detect?: number
  contain?: number
  recover?: number
  incident?: string
  responses: string[]
}

/** Until an incident is there that says what this was. */
async function detect(drill: Drill, app: DrillApp, scene: Scene, times: Times): Promise<IncidentDetails> {
  const { incidents } = app.holdfast
  const began = performance.now()
  let id: string | undefined
  const stop = incidents.on((change) => {
    if (id !== undefined || !change.incident.detections.some((name) => drill.detectedBy.includes(name))) return
    id = change.incident.id
    times.detect = performance.now() - began
  })
  try {
    await within(scene.attack(), 'The attack')
    for (let waited = 0; id === undefined && waited < NOTICED; waited += 10) await delay(10)
    await within(incidents.settled(), 'Writing the incident')
  } finally {
    stop()
  }
  const incident = id === undefined ? undefined : await incidents.byId(id)
  if (incident === undefined) throw new Error('Nothing was detected.')
  times.incident = incident.title
  return incident
}

/** Until the attack comes to nothing. Where it came to nothing before, nothing would be proved. */
async function contain(incident: IncidentDetails, app: DrillApp, scene: Scene, times: Times): Promise<void> {
  const { responses, incidents } = app.holdfast
  const began = performance.now()
  const byThemselves = (await responses.list({ incident: incident.id })).filter(
    ({ automatic, state, response }) => automatic && (state === 'active' || state === 'done') && !WATCHING.includes(response),
  )
  times.responses.push(...byThemselves.map(({ response }) => response))
  const heldAlready = !(await scene.succeeds())
  if (heldAlready && byThemselves.length === 0) throw new Error('The attack came to nothing before anything was done.')
  if (!heldAlready) {
    for (const { response, subject, settings } of await scene.answers(incident)) {
      const reason = 'A drill, as the playbook says.'
      const request = { response, subject, settings, reason, by: BY, incident: incident.id, insecureAlone: ALONE }
      const outcome = await responses.apply(request)
      if (!outcome.ok) throw new Error(`${response} was not applied: ${outcome.says}`)
      times.responses.push(response)
    }
    if (await within(scene.succeeds(), 'Asking as the attacker')) throw new Error('The attack goes on.')
  }
  await incidents.setState(incident.id, 'contained', BY, 'the attack comes to nothing')
  times.contain = performance.now() - began
}

/** Until nothing is in force, and an honest user works. */
async function recover(id: string, app: DrillApp, scene: Scene, times: Times): Promise<void> {
  const { responses, incidents } = app.holdfast
  const began = performance.now()
  for (const { id: response } of await responses.list({ incident: id, state: 'active' }))
    await responses.undo(response, BY, 'The drill is over.')
  await within(scene.recover?.() ?? Promise.resolve(), 'Recovering')
  if (!(await within(scene.works(), 'Asking as an honest user'))) throw new Error('An honest user cannot work.')
  const closed = await incidents.setState(id, 'resolved', BY, 'the drill is over')
  if (!closed.ok) throw new Error(closed.says)
  times.recover = performance.now() - began
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`${what} took longer than ${DEADLINE / 1000} seconds.`)), DEADLINE)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
