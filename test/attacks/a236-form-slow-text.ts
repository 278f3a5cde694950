import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'
import { ORDER, ORDER_JSON, sendJson } from '../support/form-attacks.ts'
import { postForm } from '../support/form-client.ts'

/** 90 KiB: marks in an order that normalising has to sort. */
const PILE = `a${'\u0301\u0327'.repeat(22_000)}`

/** The best of three: other programs of the machine only ever make it longer. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    const before = performance.now()
    await work()
    times.push(performance.now() - before)
  }
  return Math.min(...times)
}

/** The same bytes at the route that normalises whatever comes, and at the form. */
async function isAsSlow(app: TestApp, title: string): Promise<boolean> {
  const trusted = await took(() => sendJson(app, '/trusting', { title }))
  const plain = await took(() => sendJson(app, '/trusting', { title: 'x'.repeat(title.length) }))
  if (trusted < 5 * plain) throw new Error(`It did not succeed where everything is trusted: ${trusted} ms against ${plain} ms.`)
  return (await took(() => sendJson(app, '/api/order', { ...ORDER_JSON, title }))) * 3 > trusted
}

const without = {
  heldBy: 'design',
  why: 'length and marks are counted before a text is normalised or compared with a pattern',
} as const

export default [
  defineAttack({
    id: 'A236a',
    title: 'piles marks on one letter, which costs a second to normalise (CWE-1176)',
    control: 'forms',
    without,
    succeeds: (app) => isAsSlow(app, PILE),
  }),
  defineAttack({
    id: 'A236b',
    title: 'sends text that grows beyond its limit when it is normalised',
    control: 'forms',
    without,
    async succeeds(app) {
      await sendJson(app, '/api/order', { ...ORDER_JSON, title: '\u{1d160}'.repeat(10) })
      await postForm(app, '/order', { ...ORDER, title: '\ufb2c'.repeat(20) })
      return app.state.forms.accepted.some((value) => (value as { title: string }).title.length > 20)
    },
  }),
  defineAttack({
    id: 'A236c',
    title: 'sends addresses, numbers and days on which patterns of fields would go back and forth (CWE-1333)',
    control: 'forms',
    without,
    async succeeds(app) {
      const bombs = {
        mail: `${'a.'.repeat(120)}@${'a-'.repeat(60)}`,
        page: `https://${'a'.repeat(1900)}`,
        count: '1'.repeat(50_000),
        day: '2'.repeat(50_000),
      }
      const plain = await took(() => postForm(app, '/order', ORDER))
      const slow = await took(() => postForm(app, '/order', { ...ORDER, ...bombs }))
      return slow > plain + 500
    },
  }),
]
