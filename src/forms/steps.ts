/**
 * Several forms in a row, one page each. What was typed travels in the page, sealed: for this visitor, these steps and a while. Nobody
 * skips a step, because only the server writes the seal; nothing is kept on the server, so two tabs do not meet.
 * Stops skipped steps and changed answers of earlier ones (OWASP ASVS 5.0, 2.3.1; CWE-841).
 */
import { sha256 } from '../crypto/hash.ts'
import { carriedBy, type Carried } from '../engine/carrier.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { Body } from '../engine/facts.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { html, type SafeHtml } from '../html/html.ts'
import { isFileField } from './fields/index.ts'
import { BACK_FIELD, INSIDE, STEPS_FIELD, type Form } from './form.ts'
import { checkMessages } from './field.ts'
import type { Messages } from './messages.ts'
import { visitorOf } from './once.ts'
import { createOutcome, type Accepted, type Refused } from './outcome.ts'
import { formError, type FormError } from './read.ts'
import { membersOf, typedOf, type Typed } from './sent.ts'
import { leavesOf } from './tree.ts'
import type { FormView, ViewOptions } from './view.ts'

export interface StepsOptions {
  /** From the first page to the last. @default '1h' */
  readonly within?: Duration
  /** Other words, or another language. @default English */
  readonly messages?: Messages
}

/** Words of the buttons; `submit` is the last one's. */
export interface StepView extends Omit<ViewOptions<never>, 'submit' | 'sent' | 'values' | 'hidden'> {
  /** @default 'Next' */
  readonly next?: string
  /** @default 'Back' */
  readonly back?: string
  /** @default 'Send' */
  readonly submit?: string
}

/** The page to show now. */
export interface StepPage {
  readonly done: false
  readonly status: number
  /** Which of them, from 0. */
  readonly step: number
  readonly of: number
  /** Name of its form. */
  readonly form: string
  view(options: StepView): FormView
}

/** Everything was sent. */
export interface StepsDone<Values> {
  readonly done: true
  readonly sent: Accepted<Values>
}

export interface Steps<Values> {
  /** The first page. */
  begin(request: object): StepPage
  /** What came of the page that was sent: the next one, the one before, the same with what is wrong, or the end. */
  read(request: object): Promise<StepPage | StepsDone<Values>>
}

type ValuesOfSteps<Of extends readonly Form<any, any>[]> = {
  readonly [Index in keyof Of]: Of[Index] extends Form<infer Value, any> ? Value : never
}

/** What the page carries. */
interface State {
  readonly step: number
  readonly since: number
  readonly typed: readonly (Typed | null)[]
}

interface Shown {
  readonly status?: number
  readonly errors?: readonly FormError[]
  readonly result?: string | undefined
}

const PURPOSE = 'form-steps'
/** Characters of all steps but the last, so that a page stays smaller than the body control takes, in every script. */
const MOST = 12_000

/**
 * Made once, at start-up, of forms. Passwords, sealed values and files belong into the last one: they are not kept in pages.
 *
 * @example
 * const booking = steps('booking', [who, when])
 * const at = await booking.read(request)
 * if (!at.done) return page(at.view({ action: '/booking' }).html, at.status)
 * const [person, day] = at.sent.value
 */
export function steps<const Of extends readonly Form<any, any>[]>(
  name: string,
  forms: Of,
  options: StepsOptions = {},
): Steps<ValuesOfSteps<Of>> {
  const { life, messages } = readOptions(name, forms, options)
  const last = forms.length - 1
  const nothing = forms.map(() => null)
  // A seal of other steps, or of these as they were before an update, is none.
  const version = sha256(
    JSON.stringify(forms.map((form) => [form.name, leavesOf(form.fields).map(({ name, count }) => [name, count])])),
  )
  const bound = (carried: Carried, begin: boolean) => [name, version, visitorOf(carried, begin)]

  function open(carried: Carried, sealed: unknown): State | undefined {
    if (typeof sealed !== 'string') return undefined
    const opened = carried.guard.forms.keys.open(PURPOSE, sealed, bound(carried, false))
    return opened.ok ? (JSON.parse(Buffer.from(opened.plaintext).toString('utf8')) as State) : undefined
  }

  function page(request: object, state: State, { status = 200, errors = [], result }: Shown = {}): StepPage {
    const { step, typed } = state
    const form = forms[step]!
    return {
      ...{ done: false, status, step, of: forms.length, form: form.name },
      view({ next = 'Next', back = 'Back', submit = 'Send', ...view }) {
        const carried = carriedBy(request)
        // What stands in the page's own fields comes back with them.
        const kept = JSON.stringify({ ...state, typed: typed.with(step, null) })
        const sealed = carried.guard.forms.keys.seal(PURPOSE, kept, bound(carried, true))
        return form.view(request, {
          ...view,
          sent: { errors, typed: typed[step] ?? {}, result },
          hidden: html`<input type="hidden" name="${STEPS_FIELD}" value="${sealed}" />`,
          submit: buttons(step === last ? submit : next, step > 0 ? back : undefined),
        })
      },
    }
  }

  const isOver = ({ since }: State, { x }: Carried) => x.time >= since + life

  /** From the first step again, with what was typed where it can still be read. */
  function restart(request: object, carried: Carried, state: State | undefined): StepPage {
    const typed = state?.typed ?? nothing
    const error = formError('steps', messages)
    createOutcome(carried, name, {}).refuse(422, [error], () => ({}), { why: state ? 'steps-expired' : 'steps-forged' })
    return page(request, { step: 0, since: carried.x.time, typed }, { status: 422, errors: [error] })
  }

  async function read(request: object): Promise<StepPage | StepsDone<any>> {
    const carried = carriedBy(request)
    const sent = sentTo(carried)
    // Only the last may come in parts, with files; its own form takes them.
    if (sent === undefined) return readParts(request, carried)
    const state = open(carried, first(sent, STEPS_FIELD))
    if (state === undefined || isOver(state, carried)) return restart(request, carried, state)
    const { step, typed } = state
    const form = forms[step]!
    if (sent.has(BACK_FIELD) && step > 0) {
      const left = typedOf(form.fields, sent)
      // More than its fields take is not kept: the seal would outgrow what a page may send.
      const kept = JSON.stringify(left).length > MOST + 1000 ? null : left
      return page(request, { ...state, step: step - 1, typed: typed.with(step, kept) })
    }
    const { sent: taken } = await form[INSIDE].take(request, [STEPS_FIELD, BACK_FIELD])
    return advance(request, state, taken)
  }

  async function readParts(request: object, carried: Carried): Promise<StepPage | StepsDone<any>> {
    const { sent, besides } = await forms[last]![INSIDE].take(request, [STEPS_FIELD, BACK_FIELD])
    const state = open(carried, besides.get(STEPS_FIELD))
    if (state !== undefined && state.step === last && !isOver(state, carried)) return advance(request, state, sent)
    if (sent.ok) await sent.wrong({})
    return restart(request, carried, state)
  }

  async function advance(request: object, state: State, sent: Accepted<any> | Refused): Promise<StepPage | StepsDone<any>> {
    const { step } = state
    const typed = state.typed.with(step, sent.typed)
    if (!sent.ok) return page(request, { ...state, typed }, sent)
    if (step < last) return page(request, { ...state, step: step + 1, typed })
    return conclude(request, { ...state, typed }, sent)
  }

  /** Every step is read once more: a rule may have changed since, and types do not travel. */
  async function conclude(request: object, state: State, sent: Accepted<any>): Promise<StepPage | StepsDone<any>> {
    const values: unknown[] = []
    for (let step = 0; step < last; step++) {
      const again = await forms[step]![INSIDE].again(request, state.typed[step] ?? {})
      if (!again.ok) {
        await sent.wrong({})
        return page(request, { ...state, step }, again)
      }
      values.push(again.value)
    }
    return { done: true, sent: { ...sent, value: [...values, sent.value] } }
  }

  return { begin: (request) => page(request, { step: 0, since: carriedBy(request).x.time, typed: nothing }), read }
}

/** What came as a form; nothing of JSON, which has no pages; `undefined` when it comes in parts, or not at all. */
function sentTo({ x }: Carried): ReadonlyMap<string, unknown> | undefined {
  const body = x.get(Body)
  if (body === undefined) return undefined
  if (body.type !== 'application/x-www-form-urlencoded') return new Map()
  return membersOf({ as: 'texts', fields: body.value as Record<string, string> })
}

function first(sent: ReadonlyMap<string, unknown>, name: string): unknown {
  return [sent.get(name)].flat()[0]
}

// The first button of a form is pressed by the Enter key: that is the one that goes on. Back sends no file.
function buttons(forward: string, back: string | undefined): SafeHtml {
  return html`<div class="row stretch">
    <button class="btn primary">${forward}</button
    >${
      back !== undefined &&
      html`<button class="btn" name="${BACK_FIELD}" value="1" formenctype="application/x-www-form-urlencoded">${back}</button>`
    }
  </div>`
}

function readOptions(name: string, forms: readonly Form<any, any>[], options: StepsOptions) {
  const option = `steps.${name}`
  refuseUnknown(option, options, ['within', 'messages'])
  checkMessages(`${option}.messages`, options.messages)
  if (forms.length < 2) invalid(option, forms.length, 'Give two forms or more; one needs no steps.')
  for (const form of forms.slice(0, -1)) {
    const kept = leavesOf(form.fields).find(({ field }) => field.secret === true || isFileField(field))
    if (kept)
      invalid(`${option}.${form.name}.${kept.name}`, kept.field.kind, 'Move it into the last step: it is not kept in pages.')
  }
  const characters = forms
    .slice(0, -1)
    .flatMap(({ fields }) => leavesOf(fields).map(({ field: { longest, most = 1 }, count }) => longest * most * count))
  const sum = characters.reduce((all, each) => all + each, 0)
  if (sum > MOST) invalid(option, sum, `Let the steps before the last take at most ${MOST} characters together (their "max").`)
  return { life: milliseconds(`${option}.within`, options.within ?? '1h'), messages: options.messages }
}
