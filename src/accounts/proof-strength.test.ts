import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aalOf, areTwoSteps, isSecondStep } from './proof-strength.ts'

const proofs = (...methods: string[]) => methods.map((amr) => ({ door: amr, amr, at: 0 }))

describe('the strength of proofs', () => {
  const cases: readonly [methods: string, aal: 1 | 2, twoSteps: boolean][] = [
    ['', 1, false],
    ['pwd', 1, false],
    ['pwd otp', 2, true],
    ['pwd pwd', 1, false],
    ['otp', 1, false],
    ['otp otp', 1, false],
    ['email', 1, false],
    // The same mailbox twice is one step.
    ['email email', 1, false],
    ['pwd email', 2, true],
    ['email otp', 2, true],
    ['fed', 1, false],
    ['fed otp', 2, true],
    ['fed hwk', 2, true],
    // Two things that somebody knows or was told are no second step.
    ['pwd fed', 1, false],
    ['rmb', 1, false],
    ['rmb pwd', 1, false],
    ['rmb otp', 2, true],
    ['hwk', 1, false],
    ['pwd hwk', 2, true],
    ['mfa', 2, true],
    ['bgl', 2, true],
    // A trusted device opens the gate, and raises nothing.
    ['pwd tdv', 1, true],
    ['tdv', 1, false],
    ['tdv tdv', 1, false],
    ['constructor', 1, false],
    ['pwd something-new', 2, true],
  ]
  for (const [methods, aal, twoSteps] of cases)
    it(`is ${aal} for ${methods || 'none'}, ${twoSteps ? 'two steps' : 'not two steps'}`, () => {
      const given = proofs(...methods.split(' ').filter((method) => method !== ''))
      assert.deepEqual([aalOf(given), areTwoSteps(given)], [aal, twoSteps])
    })

  it('takes as second step neither what opens a sign-in alone nor a trusted device', () => {
    assert.deepEqual(
      ['pwd', 'fed', 'rmb', 'tdv', 'otp', 'email', 'hwk', 'mfa'].map((amr) => isSecondStep(proofs(amr)[0]!)),
      [false, false, false, false, true, true, true, true],
    )
  })
})
