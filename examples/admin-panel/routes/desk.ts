/** What the routes share: who asks, and how a page goes out. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Holdfast, Principal } from 'holdfast'
import { form, text } from 'holdfast/forms'
import type { SafeHtml } from 'holdfast/html'
import type { Frame } from '../pages/page.ts'
import { DECOY_FIELD } from '../watch.ts'

/** The address names a thing by its id. */
export interface WithId {
  Params: { id: string }
}

export type Desk = ReturnType<typeof createDesk>

const done = form('done', { done: text({ label: 'Done', max: 20, required: false }) })

export function createDesk(holdfast: Holdfast) {
  /** Only for routes that ask for a sign-in. */
  function me(request: FastifyRequest): Principal {
    return holdfast.of(request).principal!
  }

  return {
    accounts: holdfast.accounts,
    me,
    /** Who acts, for the log. */
    actor: (request: FastifyRequest): Actor => ({ kind: 'user', id: me(request).id }),
    frame(request: FastifyRequest): Frame {
      const { nonce, principal, formField, path, impersonation, breakGlass } = holdfast.of(request)
      const decoy = holdfast.honeytokens.field(DECOY_FIELD)
      return { nonce, principal, formField, decoy, path, banner: breakGlass?.banner ?? impersonation?.banner }
    },
    /** What a form carries whose route asks for work first. */
    challenge: (request: FastifyRequest, route: string): SafeHtml => holdfast.of(request).challengeField(route),
    /** What `?done=` says of what was just done, in the words for it. */
    async notice(request: FastifyRequest, words: Readonly<Record<string, string>>): Promise<string | undefined> {
      const sent = await done.query(request, { others: true })
      return sent.ok && Object.hasOwn(words, sent.value.done) ? words[sent.value.done] : undefined
    },
    /** Says that so many notes are given out, so that somebody who takes all of them is noticed. */
    gives: (request: FastifyRequest, notes: readonly { readonly id: string }[]): void =>
      holdfast.of(request).read({ what: 'notes', rows: notes.length }),
    show: (reply: FastifyReply, page: SafeHtml, status = 200): FastifyReply =>
      reply.code(status).type('text/html; charset=utf-8').send(page.toString()),
  }
}
