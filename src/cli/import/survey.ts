/** What an import found: formats with their number, cost and strength, and every row that is not taken, with its reason. */
import { UNREADABLE } from '../../crypto/password/foreign/why.ts'
import type { Hasher } from '../../crypto/password/hasher.ts'
import { printable } from '../arguments.ts'
import { table } from '../table.ts'

export interface Rejected {
  readonly at: string
  /** Empty where it could not be read. */
  readonly login: string
  readonly reason: string
}

interface Format {
  count: number
  readonly weak: boolean
  readonly sample: string
  milliseconds?: number
}

export interface Survey {
  readonly counts: { imported: number; existing: number; withoutPassword: number; rejected: number }
  reject(rejected: Rejected): void
  /** Notes the format; the reason, when the hash cannot be verified. */
  note(hash: string): Promise<string | undefined>
  /** Verifies one hash of each format, to know what a sign-in will cost. */
  measure(): Promise<void>
  text(headline: string): string
  json(): object
}

const MOST_KEPT = 10_000
const MOST_SHOWN = 20

export function createSurvey(hasher: Pick<Hasher, 'inspect' | 'verify'>, now: () => number): Survey {
  const counts = { imported: 0, existing: 0, withoutPassword: 0, rejected: 0 }
  const formats = new Map<string, Format>()
  const rejected: Rejected[] = []

  function weak(): number {
    return [...formats.values()].reduce((sum, format) => sum + (format.weak ? format.count : 0), 0)
  }

  function rows(): string[][] {
    return [...formats].map(([scheme, { count, weak, milliseconds }]) => [
      scheme,
      String(count),
      ...(milliseconds === undefined ? [] : [`${milliseconds} ms`]),
      weak ? 'weak' : '',
    ])
  }

  return {
    counts,

    reject(one) {
      counts.rejected += 1
      if (rejected.length < MOST_KEPT) rejected.push(one)
    },

    async note(hash) {
      const found = await hasher.inspect(hash)
      if (!found.ok) return `The hash cannot be used: ${UNREADABLE[found.reason]}`
      const format = formats.get(found.scheme)
      if (format) format.count += 1
      else formats.set(found.scheme, { count: 1, weak: found.weak, sample: hash })
      return undefined
    },

    async measure() {
      for (const format of formats.values()) {
        const began = now()
        await hasher.verify('what does a sign-in cost?', format.sample)
        format.milliseconds = Math.round(now() - began)
      }
    },

    text(headline) {
      const head = rows()[0]?.length === 4 ? ['FORMAT', 'USERS', 'SIGN-IN', 'STRENGTH'] : ['FORMAT', 'USERS', 'STRENGTH']
      return [
        headline,
        ...(formats.size > 0 ? ['', table(head, rows())] : []),
        ...(weak() > 0
          ? [
              '',
              `${weak()} weak: a stolen copy is quick to guess. Make them strong at once with --wrap, or later with "holdfast users wrap".`,
            ]
          : []),
        ...needs(formats),
        ...(rejected.length > 0 ? ['', 'Not taken, and still where they were:'] : []),
        ...rejected
          .slice(0, MOST_SHOWN)
          .map(({ at, login, reason }) => `  ${at}${login === '' ? '' : ` ${printable(login)}`}: ${reason}`),
        ...(counts.rejected > MOST_SHOWN ? [`  and ${counts.rejected - MOST_SHOWN} more; --json names up to ${MOST_KEPT}.`] : []),
      ].join('\n')
    },

    json() {
      const list = [...formats].map(([scheme, { count, weak, milliseconds }]) => ({ scheme, count, weak, milliseconds }))
      return { ...counts, weak: weak(), formats: list, rejected }
    },
  }
}

/** What the application must be given before these users can sign in. */
function needs(formats: ReadonlyMap<string, unknown>): string[] {
  const has = (word: string) => [...formats.keys()].some((scheme) => scheme.includes(word))
  return [
    ...(has('flask-security')
      ? ['', 'Give the application passwords.imported.flaskSecuritySalt: SECURITY_PASSWORD_SALT of the old one.']
      : []),
    ...(has('firebase') ? ['', "Give the application passwords.imported.firebase: the project's password hash parameters."] : []),
    ...(has('bcrypt') ? ['', 'The application needs the package bcryptjs: npm install bcryptjs.'] : []),
  ]
}
