import { defineAttack } from '../support/attack.ts'
import { ORDER_JSON, triedAtBoth } from '../support/form-attacks.ts'

const without = {
  heldBy: 'design',
  why: 'a form gives its handler the fields that it declares; the route that trusts shows the rest',
} as const
const isAdmin = (accepted: Readonly<Record<string, unknown>> | undefined) => accepted?.['role'] === 'admin'

export default [
  defineAttack({
    id: 'A230a',
    title: 'adds role=admin to a form (CWE-915)',
    control: 'forms',
    adapters: 'all',
    without,
    succeeds: (app) => triedAtBoth(app, { texts: { role: 'admin' } }, isAdmin),
  }),
  defineAttack({
    id: 'A230b',
    title: 'adds a member to a JSON body, beside those that are asked for',
    control: 'forms',
    adapters: 'all',
    without,
    succeeds: (app) => triedAtBoth(app, { json: { ...ORDER_JSON, role: 'admin' } }, isAdmin),
  }),
]
