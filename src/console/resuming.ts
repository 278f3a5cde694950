/**
 * Whether a form that was refused for want of a proof is kept until the proof is there, so that nobody types it twice. What may hold a secret
 * is never kept, nor what was refused before it was known that its sender meant it.
 */
import type { Exchange } from '../engine/exchange.ts'
import { Body, FormToken, Principal } from '../engine/facts.ts'
import type { Passage } from '../engine/passage.ts'
import type { Reply } from '../engine/reply.ts'
import { wantsHtml } from '../http/accept.ts'
import { localPath } from '../http/redirect.ts'
import type { KeptForm, KeptForms } from './kept-forms.ts'

/** Gives a refusal the page from which what was refused can be sent again, where there is one. Never throws or rejects. */
export type Resume = (x: Passage, reply: Reply) => Reply | Promise<Reply>

export interface ResumingSetting {
  readonly kept: KeptForms
  /** The page that shows what was kept. `undefined`: nothing is kept. */
  readonly path: string | undefined
  readonly onFault: (error: unknown) => void
}

const PROOFS: ReadonlySet<string> = new Set(['stronger-proof-required', 'recent-proof-required'])
/** Bytes of path, query and fields. */
const LONGEST = 16 * 1024
const FORM = 'application/x-www-form-urlencoded'

/** Anywhere in a name: `newPassword`, `client_secret`. */
const SECRET = /passw|passphrase|pwd|secret|token|credential|cvc|cvv/
/** At an end of one of its words, so that `shipping` is none: `smscode`, `card-number`, `pin`. */
const SECRET_WORD = /^(?:pin|otp|code|card)|(?:pin|otp|code|card)$/

export function createResuming({ kept, path, onFault }: ResumingSetting): Resume {
  async function keep(x: Passage, reply: Reply, form: KeptForm): Promise<Reply> {
    try {
      const id = await kept.keep(x, form)
      return id === undefined ? reply : { ...reply, denial: { ...reply.denial!, resume: `${path}?id=${id}` } }
    } catch (error) {
      // The refusal stands in any case; without the store the person sends the form again by hand.
      onFault(error)
      return reply
    }
  }

  return (x, reply) => {
    if (path === undefined || !PROOFS.has(reply.denial?.code ?? '') || !fromRoute(x) || !wantsHtml(x.header('accept')))
      return reply
    const form = formOf(x)
    return form === undefined ? reply : keep(x, reply, form)
  }
}

/**
 * Refused by the route, or by what holds for all of them. What other controls refuse is one of the kit's own forms, or comes from before
 * `csrf`: another site's page may have sent it, and the person must not be asked to send it once more (CWE-352).
 */
function fromRoute({ endedBy, route }: Passage): boolean {
  return (endedBy === undefined || endedBy === 'authorize') && !route.withoutCsrf
}

/** What would be kept of a request; `undefined` when it is no form, too long, or may hold a secret. */
function formOf(x: Exchange): KeptForm | undefined {
  const body = x.get(Body)
  if (x.method !== 'POST' || body?.type !== FORM || x.get(Principal)?.impersonatedBy) return undefined
  const path = `${x.path}${x.search}`
  if (body.bytes.length + path.length > LONGEST || localPath(path) !== path) return undefined
  const token = x.get(FormToken)?.field
  // The `&` before it: a `?` at the beginning would be left out. The body control has refused what this parser would repair.
  const fields = [...new URLSearchParams(`&${body.bytes.toString()}`)].filter(([name]) => name !== token)
  const query = [...new URLSearchParams(x.search)]
  return [...fields, ...query].some(([name]) => mayBeSecret(name)) ? undefined : { path, fields }
}

/** By its name alone: whether a field holds what must not be stored. Rather once too often; then the form is typed again. */
export function mayBeSecret(name: string): boolean {
  const words = name
    .replaceAll(/(?<=[\p{Ll}\d])(?=\p{Lu})/gu, ' ')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
  return SECRET.test(words.join('')) || words.some((word) => SECRET_WORD.test(word))
}
