/**
 * The organisations one belongs to: in which one acts now, and how to act in another, or to leave one. What one may in each is looked up
 * on the server at every request; the ids in the forms only name them (OWASP ASVS 5.0, 8.4.1).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import { accountNav, errorSummary, hidden, hiddenFields, noticeOf, titleOf, type PageModel } from './parts.ts'

/** One organisation in the list. */
export interface TenantRow {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  /** True for the one in which this session acts. */
  readonly active: boolean
  /** Whether one may change who belongs to it. */
  readonly manages: boolean
}

/** Forms, each with the csrf field: `POST {action}/choose` with `tenant`, empty for none, and `POST {action}/leave` with `tenant`. */
export interface TenantsModel extends PageModel {
  readonly action: string
  readonly tenants: readonly TenantRow[]
}

/** Returns the list in the order given, with two buttons at each. */
export function tenantsPage(model: TenantsModel): SafeHtml {
  const { nonce, brand, notice, errors } = model
  const active = model.tenants.find((tenant) => tenant.active)
  const body = html`<div class="head">
      <div>
        <h1>Organisations</h1>
        <p class="muted">${active ? html`You act in <b>${active.name}</b>.` : 'You act in none of them now.'}</p>
      </div>
      ${active && noneForm(model)}
    </div>
    ${noticeOf(notice)} ${errorSummary(errors, [])}
    <section class="card" aria-label="Your organisations">${listOf(model)}</section>`
  return layout({ title: titleOf('Organisations', errors), nonce, body, brand, ...accountNav(model, 'tenants') })
}

function noneForm(model: TenantsModel): SafeHtml {
  return html`<form method="post" action="${model.action}/choose">
    ${hiddenFields({ csrf: model.csrf })}${hidden('tenant', '')}
    <button class="btn small" type="submit">Act in none</button>
  </form>`
}

function listOf(model: TenantsModel): SafeHtml {
  if (model.tenants.length === 0) return html`<p class="empty">You belong to no organisation.</p>`
  return html`<ul class="list">
    ${model.tenants.map((tenant) => rowOf(tenant, model))}
  </ul>`
}

function rowOf({ id, name, roles, active, manages }: TenantRow, model: TenantsModel): SafeHtml {
  const named = html`<span class="sr"> ${name}</span>`
  const choose = html`<form method="post" action="${model.action}/choose">
    ${hiddenFields({ csrf: model.csrf, next: model.next })}${hidden('tenant', id)}
    <button class="btn small" type="submit">Act here<span class="sr">: ${name}</span></button>
  </form>`
  return html`<li>
    <div class="main">
      <b>${name}</b>
      <p class="small muted">${roles.length === 0 ? 'No role' : roles.join(', ')}${active && ' · you act here'}</p>
    </div>
    ${manages && html`<a class="btn small" href="${`${model.action}/members?tenant=${encodeURIComponent(id)}`}">Members${named}</a>`} ${!active && choose}
    <form method="post" action="${model.action}/leave">
      ${hiddenFields({ csrf: model.csrf })}${hidden('tenant', id)}
      <button class="btn small" type="submit">Leave${named}</button>
    </form>
  </li>`
}
