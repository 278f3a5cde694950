/** Where detections meet the application: what happened and what requests came to goes in, what fires comes out. After the answer, never before. */
import { createNames } from '../accounts/users/names.ts'
import { sentSession, Session } from '../controls/session/slot.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Answered, Answers } from '../engine/answers.ts'
import type { Bus } from '../engine/bus.ts'
import { Body, Client, FailedPassword, Principal, ReadValues, RequestId } from '../engine/facts.ts'
import { invalid } from '../engine/options.ts'
import { hint } from '../engine/suggest.ts'
import type { Detected, DetectedListener } from '../observe/detected.ts'
import { watchClock } from '../observe/detecting/clock-watch.ts'
import type { State } from '../observe/detecting/definition.ts'
import { fireReplay } from '../observe/detecting/fire.ts'
import { openPlaces } from '../observe/detecting/places-file.ts'
import type { ReadDetections } from '../observe/detecting/options.ts'
import { createRuntime } from '../observe/detecting/runtime.ts'
import { networkOf, type AnswerSignal } from '../observe/detecting/signal.ts'
import { createHoneytokens, type Carried, type Honeytokens, type HoneytokensOptions } from '../observe/honeytokens.ts'
import { createMarkedTraps } from '../observe/honeytokens-marked.ts'
import type { InForce } from '../observe/responses/in-force.ts'
import { listChosen, recordDetections, type ListedDetection } from '../recorded/detections.ts'
import type { Stores } from './stores.ts'
import { tellWeaker } from './weaker-start.ts'

export type { ListedDetection } from '../recorded/detections.ts'
export type { Detected, DetectedListener, State }

/** What an application, or what answers detections, may ask of them. */
export interface Detections {
  /** Listens to what fires; returns how to stop listening. */
  on(listener: DetectedListener): () => void
  /** All of them, with state, thresholds and reason. */
  list(): readonly ListedDetection[]
  /** Fires one by its replay, in memory: nobody is told, nothing is answered. Throws HF_OPTION_INVALID for a name that there is not. */
  test(name: string): Promise<readonly Detected[]>
  /** Resolves when everything that has happened so far was looked at. For tests. */
  settled(): Promise<void>
}

interface Setting {
  readonly detections: ReadDetections
  readonly decoys: Required<HoneytokensOptions>
  /** What responses keep up: they can make a decoy of something. */
  readonly inForce: () => InForce
  readonly bus: Bus
  readonly answers: Answers
  readonly stores: Stores
  readonly keys: KeyRing
  readonly site: { readonly origin: string }
  /** What is off or weaker, in words that stay the same from start to start. */
  readonly weaker: readonly string[]
  readonly random: (bytes: number) => string
  readonly now: () => number
  /** Whether `now` is the machine's clock. */
  readonly realClock: boolean
  readonly onFault: (error: unknown) => void
}

export interface Detecting {
  readonly detections: Detections
  readonly honeytokens: Honeytokens
  stop(): Promise<void>
}

/** Starts them. Listens before anything else speaks, so that nothing of the start is missed. */
export async function openDetecting(setting: Setting): Promise<Detecting> {
  const { detections, decoys, bus, answers, stores, keys, site, random, now, onFault } = setting
  const { chosen, adminPaths, places } = detections
  const names = createNames(keys)
  const traps = createHoneytokens(decoys, (login) => names(login).mark)
  const marked = createMarkedTraps(setting.inForce, (login) => names(login).mark)
  const emit = bus.emitter('detections')
  const runtime = createRuntime({
    chosen,
    adminPaths,
    emit,
    random,
    onFault,
    site: site.origin,
    kept: stores.once,
    shared: stores.several ? stores.limits : undefined,
    locate: places === undefined ? undefined : await openPlaces(places),
  })
  const planted = Object.values(decoys).some((list) => list.length > 0)
  const off = [
    bus.on((event) => runtime.take(event)),
    answers.on((answered) => {
      const decoyed = planted || marked(answered.time) !== undefined
      if (!decoyed && !runtime.needs.has('answer')) return
      const signal = signalOf(answered)
      runtime.take(signal)
      if (decoyed) look(answered, signal)
    }),
  ]
  const clock = setting.realClock ? watchClock({ now, emit }) : undefined
  await recordDetections(stores.once, chosen, now())
  await tellWeaker(stores.once, setting.weaker, { emit, now: now() })

  /** Whether it touched a decoy; said with the request, so that the log knows by whom. */
  function look({ x, time }: Answered, signal: AnswerSignal): void {
    const credentials = `${x.header('authorization') ?? ''} ${x.header('x-api-key') ?? ''}`.trim()
    const carried: Carried = {
      ...{ path: x.path, target: x.target, body: signal.body, credentials, given: x.get(ReadValues) ?? [] },
      ...{ login: signal.failed?.login, user: signal.principal },
    }
    const touched = [...traps.touched(carried), ...(marked(time)?.touched(carried) ?? [])]
    const once = new Map(touched.map(({ kind, name }) => [`${kind} ${name}`, { kind, name }]))
    for (const data of once.values()) emit({ type: 'honeytoken_used', data }, x)
  }

  return {
    honeytokens: { field: traps.field, fields: traps.fields },
    detections: {
      on: runtime.on,
      list: () => listChosen(chosen),
      settled: runtime.settled,
      async test(name) {
        const one = chosen.find(({ detection }) => detection.name === name)
        if (one === undefined)
          return invalid(
            'The name of a detection',
            name,
            hint(
              name,
              chosen.map(({ detection }) => detection.name),
            ),
          )
        const active = one.state === 'off' ? { ...one, state: 'dry-run' as const } : one
        return await fireReplay([active], one.detection.replay.fires(one.thresholds), { random })
      },
    },
    async stop() {
      for (const stop of off) stop()
      clock?.stop()
      await runtime.stop()
    },
  }
}

/** Headers that scanners mark their own requests with. */
const ODD = ['acunetix-aspect', 'acunetix-product', 'x-wipp', 'x-scan-memo', 'x-request-memo', 'x-arachni-scan-seed']

export function signalOf({ x, status, time }: Answered): AnswerSignal {
  const client = x.get(Client)
  const principal = x.get(Principal)
  const session = x.get(Session)?.session
  const asked = status === 401 || (status === 303 && (x.method === 'GET' || x.method === 'HEAD'))
  const address = client?.address ?? 'unknown'
  return {
    type: 'answer',
    time,
    requestId: x.get(RequestId),
    client: address,
    network: client?.network ?? address,
    principal: principal?.id,
    method: x.method,
    path: x.path,
    target: x.target,
    status,
    agent: x.header('user-agent') ?? '',
    turnedAway: asked && !principal && !x.route.public && !sentSession(x),
    session: session && { id: session.id, agent: session.userAgent, network: networkOf({ client: session.address }) },
    oddHeaders: ODD.some((name) => x.header(name) !== undefined),
    body: x.get(Body)?.value,
    failed: x.get(FailedPassword),
  }
}
