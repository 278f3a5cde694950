/**
 * Makes something a decoy for a time: a key that leaked and was revoked, an account that nobody uses any more, a path that only the
 * attacker knows, a field, the value of a row. Whoever uses it next fires the detection `honeytoken`, in every process.
 */
import { readHoneytokens } from '../honeytokens.ts'
import type { Levers } from './levers.ts'
import { DAY, defineResponse, no, type Plan, type Refused, type Subject } from './response.ts'

export const markHoneytoken = defineResponse({
  name: 'mark-honeytoken',
  what: 'Makes a path, a form field, an account, an API key or the value of a row a decoy for a time: whoever uses it is told at once.',
  subjects: ['route', 'field', 'user', 'login', 'api-key', 'row'],
  lasts: { usual: 30 * DAY, most: 365 * DAY },
  // Never by itself: made a decoy, a page that people use would have each of them blocked.
  async plan({ subject }, levers) {
    if (subject === undefined) return no('subject-missing', 'Name what is to be a decoy.')
    if (subject.kind === 'user') return await planUser(subject, levers)
    const unfit = misfit(subject, levers)
    if (unfit) return unfit
    return planned(subject, `${subject.kind} ${subject.value}`)
  },
})

function planned(subject: Subject, name: string, login?: string): Plan {
  const hold = { kind: 'decoy', subject, ...(login !== undefined && { login }) } as const
  return { ok: true, says: `Makes ${name} a decoy: whoever uses it is told.`, touches: 1, hold }
}

async function planUser(subject: Subject, levers: Levers): Promise<Plan | Refused> {
  const person = await levers.person(subject.value)
  if (person === undefined) return no('subject-unknown', `There is no user ${subject.value}.`)
  if (person.administers) return no('subject-unfit', `${person.login} administers: that is no account that nobody uses.`)
  return planned(subject, `the account ${person.login}`, person.login)
}

/** Why nothing, or everybody, would touch it. */
function misfit({ kind, value }: Subject, levers: Levers): Refused | undefined {
  if (kind === 'route' && levers.spared(value)) return no('route-spared', `${value} is no decoy: people come in or out there.`)
  if (kind === 'api-key' && !/^[0-9A-Za-z]{11}$/.test(value))
    return no('subject-unfit', 'Name a key by its public id: the 11 characters behind "hf_key_".')
  try {
    readHoneytokens({
      ...(kind === 'route' && { routes: [value] }),
      ...(kind === 'field' && { fields: [value] }),
      ...(kind === 'row' && { rows: [value] }),
    })
    return undefined
  } catch (error) {
    return no('subject-unfit', (error as Error).message)
  }
}
