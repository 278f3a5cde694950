/**
 * What waits for a second person, word for word as it will be done, with two buttons for who may decide; and the page on which somebody asks.
 * Nothing is folded away: what is approved is what is read. Source: OWASP ASVS 5.0 2.3.4; WCAG 2.2, 2.4.6.
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { timeAgo, timeOf } from '../time.ts'
import { accountNav, errorSummary, field, hidden, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** One question. */
export interface ApprovalItem {
  readonly id: string
  readonly act: string
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly by: string
  readonly reason: string
  readonly askedAt: number
  readonly expiresAt: number
  readonly state: string
  readonly note: string
  /** Whether it is one's own. */
  readonly own: boolean
}

/** `POST {action}/approve` and `POST {action}/decline` with `approval` and `note`. */
export interface ApprovalsModel extends PageModel {
  readonly action: string
  readonly open: readonly ApprovalItem[]
  readonly over: readonly ApprovalItem[]
  /** Whether the reader may say yes. */
  readonly decides: boolean
  readonly now: number
}

const STATES: Readonly<Record<string, string>> = {
  asked: 'waits',
  given: 'approved, not done yet',
  declined: 'declined',
  used: 'done',
  expired: 'ran out',
}

/** Returns those that wait, and those that are over. */
export function approvalsPage(model: ApprovalsModel): SafeHtml {
  const { nonce, brand, notice, errors, open, over } = model
  const waiting =
    open.length === 0
      ? html`<p class="empty">Nothing waits.</p>`
      : html`<ul class="list">${open.map((item) => rowOf(item, model))}</ul>`
  const body = html`<div class="head">
      <div>
        <h1>Approvals</h1>
        <p class="muted">What needs a second person. Ask them yourself before you say yes.</p>
      </div>
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, [])}
    <section class="card" aria-labelledby="waiting"><header><h2 id="waiting">Waiting</h2></header>${waiting}</section>
    ${over.length > 0 && html`<section class="card" aria-labelledby="over"><header><h2 id="over">Over</h2></header><ul class="list">${over.map((item) => html`<li>${mainOf(item, model)}</li>`)}</ul></section>`}`
  return layout({ title: titleOf('Approvals', errors), nonce, body, brand, ...accountNav(model, 'approvals') })
}

function mainOf({ act, params, by, reason, askedAt, expiresAt, state, note }: ApprovalItem, { now }: ApprovalsModel): SafeHtml {
  const open = state === 'asked' || state === 'given'
  return html`<div class="main">
    <b>${act}</b>
    <dl class="facts">${paramsOf(params)}</dl>
    <p><bdi>${by}</bdi>: <bdi>${reason}</bdi></p>
    ${note && html`<p>Answer: <bdi>${note}</bdi></p>`}
    <p class="small muted">Asked ${timeAgo(askedAt, now)} · ${STATES[state] ?? state}${open && html` · until ${timeOf(expiresAt)}`}</p>
  </div>`
}

function paramsOf(params: ApprovalItem['params']): readonly SafeHtml[] {
  return Object.entries(params).map(([name, value]) => html`<dt>${name}</dt><dd><bdi>${String(value)}</bdi></dd>`)
}

function rowOf(item: ApprovalItem, model: ApprovalsModel): SafeHtml {
  const decides = model.decides && !item.own && item.state === 'asked'
  if (!decides && !item.own && !model.decides) return html`<li>${mainOf(item, model)}</li>`
  const named = html`<span class="sr">: ${item.act}, asked by ${item.by}</span>`
  return html`<li>
    ${mainOf(item, model)}
    <form class="stack" method="post" action="${model.action}/decline">
      ${hiddenFields({ csrf: model.csrf })}${hidden('approval', item.id)}
      ${decides && html`<button class="btn small primary" type="submit" formaction="${model.action}/approve">Approve${named}</button>`}
      <button class="btn small" type="submit">${item.own ? 'Take back' : 'Decline'}${named}</button>
    </form>
  </li>`
}

/** `POST {action}/ask` with `request` and `reason`. */
export interface AskApprovalModel extends PageModel<'reason'> {
  readonly action: string
  readonly act: string
  readonly params: ApprovalItem['params']
  /** What is asked, sealed. */
  readonly request: string
  /** Since when it waits already. */
  readonly waiting?: { readonly until: number } | undefined
}

/** Shown in place of what needs a second person. */
export function askApprovalPage(model: AskApprovalModel): SafeHtml {
  const { nonce, brand, errors, act, params, waiting } = model
  const body = html`<section class="card">
    <div class="body stack">
      <h1>${waiting ? 'This waits for a second person' : 'This needs a second person'}</h1>
      ${errorSummary(errors, ['reason'])}
      <p><b>${act}</b></p>
      <dl class="facts">${paramsOf(params)}</dl>
      ${waiting ? html`<p>Somebody else has to approve it, until ${timeOf(waiting.until)}. Then do the same once more.</p><p><a href="${model.action}">What waits</a></p>` : askForm(model)}
    </div>
  </section>`
  return layout({ title: titleOf('A second person', errors), nonce, body, brand, narrow: true })
}

function askForm(model: AskApprovalModel): SafeHtml {
  return html`<p>Nothing was done. Once somebody else approved exactly this, do the same once more.</p>
    <form class="stack" method="post" action="${model.action}/ask">
      ${hiddenFields({ csrf: model.csrf })}${hidden('request', model.request)}
      ${field({ name: 'reason', label: 'Reason', hint: 'For who decides, and for the log.', error: model.errors?.reason, autocomplete: 'off', type: 'text', maxlength: 200 })}
      <div class="row stretch"><button class="btn primary" type="submit">Ask for approval</button></div>
    </form>`
}
