import { defineAttack } from '../support/attack.ts'
import { sendJson, SHIPMENT, SHIPMENT_TEXTS, triedAtBoth } from '../support/form-attacks.ts'
import { postForm } from '../support/form-client.ts'

const without = {
  heldBy: 'design',
  why: 'a form reads what is nested by its declared fields, level by level; the routes that trust show the rest',
} as const
const at = '/api/shipment'

type Accepted = Readonly<Record<string, unknown>> | undefined
const inAddress = (accepted: Accepted) => accepted?.['address'] as Accepted

/** Half of what the body control lets through: what is left is for the form to refuse. */
const DEEP = JSON.parse('['.repeat(16) + ']'.repeat(16)) as unknown

const NAMES = [
  ...['__proto__.polluted', 'address.__proto__.polluted', 'constructor.prototype.polluted'],
  ...['address.constructor.prototype.polluted', 'lines[0].__proto__.polluted', 'lines.__proto__.polluted'],
]

export default [
  defineAttack({
    id: 'A246a',
    title: 'adds a member to an object inside of a JSON body, where few look (CWE-915)',
    control: 'forms',
    adapters: 'all',
    without,
    succeeds: (app) =>
      triedAtBoth(
        app,
        { json: { ...SHIPMENT, address: { ...SHIPMENT.address, role: 'admin' } }, at },
        (accepted) => inAddress(accepted)?.['role'] === 'admin',
      ),
  }),
  defineAttack({
    id: 'A246b',
    title: 'reaches the prototype of objects through names of what is nested: address.__proto__.polluted (CWE-1321)',
    control: 'forms',
    adapters: 'all',
    without,
    async succeeds(app) {
      const reached: string[] = []
      for (const name of NAMES) {
        await postForm(app, '/expanding', { [name]: 'yes' })
        const last = app.state.forms.accepted.splice(0).at(-1) as Accepted
        if (last?.['pollutes'] === true) reached.push(name)
        await postForm(app, '/shipment', { ...SHIPMENT_TEXTS, [name]: 'yes' })
        await sendJson(app, at, { ...SHIPMENT, [name]: 'yes' })
      }
      // Of the others the parser of forms takes none, wherever they go.
      if (reached.length < 2) throw new Error(`It did not succeed where names are walked: ${reached.join(' ')}.`)
      const taken = app.state.forms.accepted.length > 0 || 'polluted' in {}
      if ((await postForm(app, '/shipment', SHIPMENT_TEXTS)).status !== 200) throw new Error('The form takes nothing at all.')
      return taken
    },
  }),
  defineAttack({
    id: 'A246c',
    title: 'sends thousands of objects in a list of ten (CWE-770)',
    control: 'forms',
    without,
    succeeds: (app) =>
      triedAtBoth(app, { json: { ...SHIPMENT, lines: Array.from({ length: 9_900 }, () => ({})) }, at }, (accepted, { text }) => {
        // An error for each of them would be an answer larger than the question.
        return Array.isArray(accepted?.['lines']) || text.length > 5000
      }),
  }),
  defineAttack({
    id: 'A246d',
    title: 'nests lists where a text is meant, for the code that walks them',
    control: 'forms',
    without,
    succeeds: (app) =>
      triedAtBoth(app, { json: { ...SHIPMENT, address: { city: DEEP, country: 'de' } }, at }, (accepted) =>
        Array.isArray(inAddress(accepted)?.['city']),
      ),
  }),
  defineAttack({
    id: 'A246e',
    title: 'hides in a text inside of a list what people see in another order (CWE-1007, Trojan Source)',
    control: 'forms',
    without,
    succeeds: (app) =>
      triedAtBoth(app, { json: { ...SHIPMENT, lines: [{ what: 'inv\u202egnp.exe', amount: 1 }] }, at }, (accepted) =>
        JSON.stringify(accepted ?? {}).includes('inv\u202e'),
      ),
  }),
]
