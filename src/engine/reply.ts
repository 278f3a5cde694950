/** What ends a request early. A value, never an exception: a refusal is not a fault. */

export interface Reply {
  readonly status: number
  readonly head?: Readonly<Record<string, string>>
  readonly body?: string
  readonly denial?: Denial
  /** Answer, then close the connection: what follows on it cannot be trusted. */
  readonly close?: boolean
}

export interface Denial {
  /** Stable, public, kebab-case. */
  readonly code: string
  /** For the log only; never sent. */
  readonly reason?: string
  /** Path of the page from which what was refused can be sent again, after the proof that was missing. */
  readonly resume?: string
}

/** A plain answer. */
export function answer(status: number, head: Readonly<Record<string, string>> = {}, body = ''): Reply {
  return { status, head, body }
}

/** See other (RFC 9110 §15.4.4): the browser follows with GET. */
export function seeOther(location: string): Reply {
  return { status: 303, head: { location }, body: '' }
}

/** A page. */
export function page(body: { toString(): string }, status = 200): Reply {
  return { status, head: { 'content-type': 'text/html; charset=utf-8' }, body: body.toString() }
}

export interface DenialOptions {
  /** For the log only. */
  readonly reason?: string
  readonly head?: Readonly<Record<string, string>>
  readonly close?: boolean
}

/** A refusal. How it looks (page, redirect or problem details) is decided where it is rendered. */
export function deny(status: number, code: string, { reason, head = {}, close = false }: DenialOptions = {}): Reply {
  return { status, head, denial: reason === undefined ? { code } : { code, reason }, close }
}
