import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineControl } from './control.ts'
import { slot } from './exchange.ts'
import { withDefaults } from './options.ts'
import { planControls, type SettingFor } from './pipeline.ts'

const Fact = slot<string>('fact')
const giver = defineControl({
  name: 'giver',
  gives: [Fact],
  options: (input?: { readonly size?: number }) => withDefaults('giver', { size: 1 }, input),
  *check({ size }) {
    if (size > 9) yield { id: 'HF-GIVER-1', severity: 'low', what: 'large', fix: 'smaller' }
  },
  start: () => ({}),
})
const taker = defineControl({ name: 'taker', needs: [Fact], options: () => ({}), start: () => ({}) })

const settingFor: SettingFor = () => ({}) as never
const build = (list: Parameters<typeof planControls>[0], options: object, production = true) => {
  const plan = planControls(list, options as Record<string, unknown>, { production, now: Date.parse('2026-01-01') })
  return { ...plan, ...plan.start(settingFor) }
}

describe('the pipeline', () => {
  it('refuses a control that stands before what it needs', () => {
    assert.throws(() => build([taker, giver], {}), { code: 'HF_CONTROL_ORDER', message: /"taker" needs "fact"/ })
    assert.doesNotThrow(() => build([giver, taker], {}))
  })

  it('refuses to start without a control that another needs', () => {
    assert.throws(() => build([giver, taker], { giver: false }, false), { code: 'HF_CONTROL_ORDER' })
  })

  it('names the nearest control and the nearest option', () => {
    assert.throws(() => build([giver], { givr: {} }), { code: 'HF_CONTROL_UNKNOWN', message: /Did you mean "giver"\?/ })
    assert.throws(() => build([giver], { giver: { sise: 2 } }), {
      code: 'HF_OPTION_UNKNOWN',
      message: /giver\.sise.*Did you mean "size"\?/,
    })
  })

  it('turns a control off in production only with a reason and a date to come', () => {
    const off = (reason: string, until: string) => build([giver], { giver: { insecureOff: { reason, until } } })
    assert.throws(() => build([giver], { giver: false }), { code: 'HF_OPTION_INSECURE' })
    assert.throws(() => off('short', '2027-01-01'), { code: 'HF_OPTION_INSECURE' })
    assert.throws(() => off('the gateway does it already', '2025-12-31'), { code: 'HF_OPTION_INSECURE', message: /passed/ })
    assert.throws(() => off('the gateway does it already', 'soon'), { code: 'HF_OPTION_INSECURE' })
    const { names, findings } = off('the gateway does it already', '2026-06-30')
    assert.deepEqual(names, [])
    assert.equal(findings[0]?.id, 'HF-OFF-giver')
  })

  it('collects what the controls advise', () => {
    assert.deepEqual(build([giver], {}).findings, [])
    assert.equal(build([giver], { giver: { size: 10 } }).findings[0]?.id, 'HF-GIVER-1')
  })
})
