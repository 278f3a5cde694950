/** Decoys that the response `mark-honeytoken` made of something for a time: looked for like those that the application planted. */
import { createTraps, type Traps } from './honeytokens.ts'
import type { Held, InForce } from './responses/in-force.ts'

/** What is looked for now; `undefined` where nothing is marked. */
export type MarkedTraps = (now: number) => Traps | undefined

/** `inForce`: what is in force in this process. Read again only when that changed, or when one has run out. */
export function createMarkedTraps(inForce: () => InForce, mark: (login: string) => string): MarkedTraps {
  let [known, until, traps]: [InForce | undefined, number, Traps | undefined] = [undefined, 0, undefined]
  return (now) => {
    const current = inForce()
    if (current !== known || now >= until) {
      const live = current.decoys.filter((held) => held.until > now)
      known = current
      until = Math.min(Number.POSITIVE_INFINITY, ...live.map((held) => held.until))
      traps = live.length === 0 ? undefined : compile(live, mark)
    }
    return traps
  }
}

function compile(held: readonly Held<'decoy'>[], mark: (login: string) => string): Traps {
  const of = (kind: Held<'decoy'>['hold']['subject']['kind']) => held.filter(({ hold }) => hold.subject.kind === kind)
  const values = (kind: 'route' | 'field' | 'row' | 'api-key') => of(kind).map(({ hold }) => hold.subject.value)
  const users = of('user').map(({ hold }) => ({ id: hold.subject.value, login: hold.login ?? hold.subject.value }))
  return createTraps({
    routes: values('route'),
    fields: values('field'),
    rows: values('row'),
    // A key is known by its public half, also where it was revoked, or its secret is wrong.
    apiKeys: values('api-key').map((id) => `hf_key_${id}_`),
    accounts: new Map([
      ...users.map(({ login }) => [mark(login), login] as const),
      ...of('login').map(({ hold: { subject } }) => [subject.value, subject.value] as const),
    ]),
    users: new Map(users.map(({ id, login }) => [id, login])),
  })
}
