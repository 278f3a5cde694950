/** What the routes share: who asks, what they sent, and how a page goes out. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, Holdfast, Principal } from 'holdfast'
import type { SafeHtml } from 'holdfast/html'
import * as v from 'valibot'
import type { Frame } from '../pages/page.ts'
import { DECOY_FIELD } from '../watch.ts'

export type Texts = Readonly<Record<string, string>>

/** Parsed input, or what is wrong with it; what was typed stays for the page that shows the errors. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly values: Texts; readonly errors: Texts }

/** The address names a thing by its id. */
export interface WithId {
  Params: { id: string }
}

export type Desk = ReturnType<typeof createDesk>

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
      const { nonce, principal, formField, path, impersonation } = holdfast.of(request)
      return { nonce, principal, formField, decoy: holdfast.honeytokens.field(DECOY_FIELD), path, banner: impersonation?.banner }
    },
    /** A parameter of the address; empty when it is missing or there twice. */
    query(request: FastifyRequest, name: string): string {
      const value = (request.query as Readonly<Record<string, unknown>>)[name]
      return typeof value === 'string' ? value : ''
    },
    /** The form or the JSON body, parsed by its schema. */
    read: <Schema extends v.GenericSchema>(request: FastifyRequest, schema: Schema) =>
      readBody(schema, holdfast.of(request).body),
    /** Says that so many notes are given out, so that somebody who takes all of them is noticed. */
    gives: (request: FastifyRequest, notes: readonly { readonly id: string }[]): void =>
      holdfast.of(request).read({ what: 'notes', rows: notes.length }),
    show: (reply: FastifyReply, page: SafeHtml): FastifyReply => reply.type('text/html; charset=utf-8').send(page.toString()),
  }
}

function readBody<Schema extends v.GenericSchema>(schema: Schema, body: unknown): Read<v.InferOutput<Schema>> {
  const fields = Object.entries(body ?? {}).filter(([name]) => name !== '_csrf' && name !== DECOY_FIELD)
  const result = v.safeParse(schema, Object.fromEntries(fields))
  if (result.success) return { ok: true, value: result.output }
  const texts = fields.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { ok: false, values: Object.fromEntries(texts), errors: errorsOf(result.issues) }
}

/** The first thing that is wrong with each field. What a form of ours never sends belongs to no field. */
function errorsOf(issues: readonly v.BaseIssue<unknown>[]): Texts {
  const errors: Record<string, string> = {}
  for (const issue of issues) {
    if (issue.type === 'strict_object') errors['form'] ??= 'A field is missing, or there is one too many.'
    else errors[v.getDotPath(issue) ?? 'form'] ??= issue.message
  }
  return errors
}
