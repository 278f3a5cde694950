/** What an application may know of the request it serves: `holdfast.of(request)`. */
import type { Exchange } from './engine/exchange.ts'
import { Body, Client, FormToken, Nonce, Principal, RequestId } from './engine/facts.ts'
import { html, type SafeHtml } from './html/html.ts'

export class RequestView {
  readonly #x: Exchange

  constructor(x: Exchange) {
    this.#x = x
  }

  /** The request's id: in the log, in the answer's `x-request-id`, on error pages. */
  get id(): string {
    return this.#x.get(RequestId) ?? ''
  }

  /** Canonical address of the client; `unknown` when there is none. */
  get address(): string {
    return this.#x.get(Client)?.address ?? 'unknown'
  }

  /** Who is signed in, or `null`. */
  get principal(): Principal | null {
    return this.#x.get(Principal) ?? null
  }

  /** The nonce for `<script nonce>` and `<style nonce>`. Reading it makes the answer one that is never stored. */
  get nonce(): string {
    return this.#x.need(Nonce)()
  }

  /** The parsed body: JSON, or the fields of a form without a prototype. `undefined` when there was none. */
  get body(): unknown {
    return this.#x.get(Body)?.value
  }

  /** The canonical path. */
  get path(): string {
    return this.#x.path
  }

  /** The hidden field that a form must carry; empty where no token is needed. */
  get formField(): SafeHtml {
    const form = this.#x.get(FormToken)
    const token = form?.token()
    return form && token !== undefined ? html`<input type="hidden" name="${form.field}" value="${token}" />` : html``
  }

  /** The token for the header `x-csrf-token` of a script's own requests; `undefined` where none is needed. */
  get formToken(): string | undefined {
    return this.#x.get(FormToken)?.token()
  }
}
