/** What is in force at this moment, ready to be asked at each request: compiled once when it changes, then only looked up. */
import type { Client } from '../../engine/facts.ts'
import { contains, createAddressParser, parseNetwork, type Network } from '../../http/ip.ts'
import type { Subject } from '../detected.ts'
import type { Active, Hold, Holdable } from './hold.ts'

/** A hold of one form that is in force. */
export interface Held<Kind extends Hold['kind']> extends Active {
  readonly hold: Extract<Hold, { kind: Kind }>
}

/** All that a control asks. Times are compared anew each time: what has run out holds nobody, whoever sweeps it later. */
export interface InForce {
  /** Nothing is: a request pays one look. */
  readonly empty: boolean
  readonly all: readonly Active[]
  blocked(client: Client, now: number): Held<'block'> | undefined
  refused(whom: Holdable, id: string, now: number): Held<'refuse'> | undefined
  /** The latest moment after which this user must have proved who they are. */
  provedAfter(userId: string, now: number): number | undefined
  closed(method: string, path: string, now: number): Held<'close'> | undefined
  readOnly(now: number): Held<'read-only'> | undefined
  /** How many one request takes from this limit. 1 where nothing is tightened. */
  factor(limit: string, client: Client, userId: string | undefined, now: number): number
  /** Which of these subjects is watched. */
  watched(subjects: readonly Subject[], now: number): Held<'watch'> | undefined
  /** What is a decoy for a time; whoever asks looks how long. */
  readonly decoys: readonly Held<'decoy'>[]
}

const key = (kind: string, value: string) => `${kind} ${value}`

/** Compiles it. Of the wide networks there are few: they are asked one after the other. */
export function compileInForce(all: readonly Active[]): InForce {
  const of = <Kind extends Hold['kind']>(kind: Kind) => all.filter(({ hold }) => hold.kind === kind) as unknown as Held<Kind>[]
  const blocks = of('block')
  const clients = byKey(blocks, ({ hold }) => hold.network)
  const wide = blocks.flatMap((held) => wideNetwork(held))
  const parse = createAddressParser()
  const refusals = byKey(of('refuse'), ({ hold }) => key(hold.whom, hold.id))
  const steps = byKey(of('step-up'), ({ hold }) => hold.user)
  const closed = of('close').flatMap((held) => held.hold.routes.map((route) => ({ held, route })))
  const closures = byKey(closed, ({ route }) => key(route.method ?? '*', plainPath(route.path)))
  const below = closed.filter(({ route }) => route.path.endsWith('/*'))
  const slows = of('slow')
  const readOnlys = of('read-only')
  const watches = byKey(of('watch'), ({ hold }) => key(hold.subject.kind, hold.subject.value))

  function inWide({ address }: Client, now: number): Held<'block'> | undefined {
    const parsed = wide.length === 0 ? undefined : parse(address)
    return parsed && wide.find(({ held, network }) => held.until > now && contains(network, parsed))?.held
  }

  return {
    empty: all.length === 0,
    all,
    blocked: (client, now) => live(clients.get(client.network), now) ?? inWide(client, now),
    refused: (whom, id, now) => live(refusals.get(key(whom, id)), now),
    provedAfter(userId, now) {
      const asked = [...(steps.get(userId) ?? []), ...(steps.get('*') ?? [])].filter(({ until }) => until > now)
      return asked.length === 0 ? undefined : Math.max(...asked.map(({ since }) => since))
    },
    closed(method, path, now) {
      if (closures.size === 0) return undefined
      const plain = plainPath(path)
      const exact = [...(closures.get(key(method, plain)) ?? []), ...(closures.get(key('*', plain)) ?? [])]
      const under = below.filter(
        ({ route }) => (route.method ?? method) === method && `${plain}/`.startsWith(route.path.slice(0, -1).toLowerCase()),
      )
      return [...exact, ...under].find(({ held }) => held.until > now)?.held
    },
    readOnly: (now) => live(readOnlys, now),
    factor(limit, client, userId, now) {
      let factor = 1
      for (const { hold, until } of slows) {
        const meant = hold.whom === undefined || hold.id === (hold.whom === 'client' ? client.network : userId)
        if (meant && until > now && (hold.limit ?? limit) === limit) factor = Math.max(factor, hold.factor)
      }
      return factor
    },
    watched(subjects, now) {
      if (watches.size === 0) return undefined
      for (const { kind, value } of subjects) {
        const found = live(watches.get(key(kind, value)), now)
        if (found) return found
      }
      return undefined
    },
    decoys: of('decoy'),
  }
}

/** Routers disagree about case and a slash at the end. A path is closed under every spelling that one of them may take for it. */
function plainPath(path: string): string {
  const lower = path.toLowerCase()
  return lower.length > 1 && lower.endsWith('/') ? lower.slice(0, -1) : lower
}

/** Several may be about one thing; the one that ends last counts. */
function live<One extends Active>(found: readonly One[] | undefined, now: number): One | undefined {
  return found?.filter(({ until }) => until > now).toSorted((a, b) => b.until - a.until)[0]
}

function byKey<One>(list: readonly One[], keyOf: (one: One) => string): ReadonlyMap<string, readonly One[]> {
  return Map.groupBy(list, keyOf)
}

/** One that is wider than what limits call a client. */
function wideNetwork(held: Held<'block'>): { readonly held: Held<'block'>; readonly network: Network }[] {
  const network = parseNetwork(held.hold.network)
  if (network === undefined) return []
  return network.bits < (network.family === 4 ? 32 : 64) ? [{ held, network }] : []
}
