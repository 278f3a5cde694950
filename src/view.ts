/** What an application may know of the request it serves: `holdfast.of(request)`. */
import type { ApprovalParams, UsedApproval } from './accounts/types.ts'
import type { Approving } from './services/approving.ts'
import { HoldfastError } from './engine/errors.ts'
import type { Exchange } from './engine/exchange.ts'
import { Body, Client, FormToken, Nonce, Principal, RequestId } from './engine/facts.ts'
import type { Emit } from './engine/events.ts'
import { LateRefusal, ReadValues } from './engine/facts.ts'
import { refusalOf, type Policy } from './engine/policies/index.ts'
import type { Reply } from './engine/reply.ts'
import { html, type SafeHtml } from './html/html.ts'
import { ClientCertificate } from './controls/client-certificates/slot.ts'
import { isSealed } from './accounts/break-glass/seals.ts'
import { Session } from './controls/session/slot.ts'
import { RouteChallenge } from './controls/sign-in/slot.ts'
import { breakGlassBanner, impersonationBanner, SignOutPath, StopActing } from './console/banner.ts'

const MASK = '••••••'

/** What an answer gives out. */
export interface Reading {
  /** What it is, in a word: `customers`. */
  readonly what: string
  /** How many. */
  readonly rows: number
  /** What identifies them: ids, addresses. @default none are compared with decoys */
  readonly values?: readonly string[]
}

export class RequestView {
  readonly #x: Exchange
  readonly #emit: Emit
  readonly #approving: Approving | undefined

  constructor(x: Exchange, emit: Emit, approving?: Approving) {
    this.#x = x
    this.#emit = emit
    this.#approving = approving
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

  /** The certificate that the client showed and that is trusted; `service` says which of yours it is. */
  get clientCertificate(): ClientCertificate | undefined {
    return this.#x.get(ClientCertificate)
  }

  /** Set while somebody acts as the one who is signed in, for the application's own layout: `banner` says so and has the button to stop. */
  get impersonation():
    | { readonly by: string; readonly until: number; readonly write: boolean; readonly banner: SafeHtml }
    | undefined {
    const { principal, formField } = this
    if (!principal?.impersonatedBy) return undefined
    const { name: by, until, write } = principal.impersonatedBy
    const stopPath = this.#x.get(StopActing) ?? ''
    return { by, until, write, banner: impersonationBanner({ as: principal.login, by, until, stopPath, formField }) }
  }

  /** Set while the sealed account is open, for the application's own layout: `banner` says so, and has the button to leave. */
  get breakGlass(): { readonly until: number; readonly banner: SafeHtml } | undefined {
    const [current, signOutPath] = [this.#x.get(Session), this.#x.get(SignOutPath) ?? '/logout']
    if (current === null || current === undefined || !isSealed(current.principal)) return undefined
    const until = current.session.expiresAt
    return { until, banner: breakGlassBanner({ until, signOutPath, formField: this.formField }) }
  }

  /** The text, or dots while somebody else acts as the one who is signed in: for what is the user's alone. */
  mask(text: string): string {
    return this.principal?.impersonatedBy ? MASK : text
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

  /**
   * The part of a form that asks the browser for work, for a route with `challenge: true`; `'POST /contact'`. It stands within the form. Without it the
   * form works all the same: it is shown once more, with what was typed.
   */
  challengeField(route: string): SafeHtml {
    return this.#x.get(RouteChallenge)?.(route) ?? html``
  }

  /** The token for the header `x-csrf-token` of a script's own requests; `undefined` where none is needed. */
  get formToken(): string | undefined {
    return this.#x.get(FormToken)?.token()
  }

  /** Whether the one who asks may do this with that: for what a page shows. Leaves no trace in the log. */
  can<Resource, Action extends string>(
    policy: Policy<Resource, Action>,
    action: NoInfer<Action>,
    resource: NoInfer<Resource>,
  ): boolean {
    return this.#refuses(policy, action, resource) === undefined
  }

  /** Those of the list with which the one who asks may do this. */
  only<Resource, Action extends string>(
    policy: Policy<Resource, Action>,
    action: NoInfer<Action>,
    resources: readonly NoInfer<Resource>[],
  ): Resource[] {
    return resources.filter((resource) => this.can(policy, action, resource))
  }

  /**
   * Says that `rows` of something worth watching are given out with this answer, for the detection of who carries data away.
   * `values` are what identifies them: a decoy among them (`honeytokens.rows`) is told at once.
   */
  read({ what, rows, values = [] }: Reading): void {
    if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`rows must be a whole number from 0, got ${rows}.`)
    this.#emit({ type: 'sensitive_read', data: { what: what.slice(0, 100), rows } }, this.#x)
    this.#x.set(ReadValues, values)
  }

  /**
   * Goes on only if they may. Otherwise throws `NotAllowed`, and the answer is the refusal: sign in, prove it better or anew, 403, or 404
   * where the policy hides what is there. Whoever catches the error and goes on has decided against the policy.
   */
  demand<Resource, Action extends string>(
    policy: Policy<Resource, Action>,
    action: NoInfer<Action>,
    resource: NoInfer<Resource>,
  ): void {
    const refusal = this.#refuses(policy, action, resource)
    if (refusal === undefined) return
    const { code, reason } = refusal.denial!
    this.#emit({ type: 'authz_fail', data: { code, reason } }, this.#x)
    this.#x.set(LateRefusal, refusal)
    throw new NotAllowed(policy.name, action)
  }

  /**
   * Does the work once a second person approved exactly this, and once for each approval: it is used up before the work begins. Otherwise throws
   * `NotAllowed`; the answer is a page (or a problem) on which one asks, and once somebody else said yes the same request goes through.
   * Give everything as parameters that matters, as the work uses it, and no secret: it is stored and shown.
   *
   * @example await holdfast.of(request).approved('payout', { to: iban, amount }, () => pay(iban, amount))
   */
  async approved<Result>(
    act: string,
    params: ApprovalParams,
    work: (approval: UsedApproval) => Result | Promise<Result>,
  ): Promise<Result> {
    if (this.#approving === undefined)
      throw new HoldfastError('HF_APPROVAL_UNKNOWN', `Nothing needs a second person here, not even ${JSON.stringify(act)}.`, {
        fix: 'Name it in approval.acts.',
      })
    const used = await this.#approving(this.#x, act, params)
    if (!('status' in used)) return await work(used)
    this.#emit({ type: 'authz_fail', data: { code: used.denial?.code ?? 'approval-required', reason: act } }, this.#x)
    this.#x.set(LateRefusal, used)
    throw new NotAllowed('approval', act)
  }

  #refuses<Resource, Action extends string>(
    policy: Policy<Resource, Action>,
    action: Action,
    resource: Resource,
  ): Reply | undefined {
    return refusalOf({ policy, action, resource, principal: this.principal, moment: { now: this.#x.time } })
  }
}

/** What `demand` throws: it ends the handler; the answer is already decided. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed'

  constructor(policy: string, action: string) {
    super(`Not allowed: ${policy}.${action}`)
  }
}
