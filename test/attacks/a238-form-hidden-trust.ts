import { defineAttack } from '../support/attack.ts'
import { openPayment } from '../support/form-attacks.ts'
import { openPage, postForm } from '../support/form-client.ts'

export default defineAttack({
  id: 'A238',
  title: 'changes what a page hides: a price, or the sealed price of another page, visitor or field (CWE-472)',
  control: 'forms',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'a sealed value opens for its form, field and visitor only; the route that trusts takes any price',
  },
  async succeeds(app) {
    await postForm(app, '/trusting', { to: 'Eve', amount: '1' })
    const [trusted] = app.state.forms.accepted.splice(0) as { amount?: string }[]
    if (trusted?.amount !== '1') throw new Error('It did not succeed where everything is trusted.')
    const [own, others] = [await openPayment(app), await openPayment(app)]
    const { _once: once } = own.hidden
    const sealed = own.hidden['amount']!
    const steps = (await openPage(app, '/booking')).hidden['_steps']!
    const cut = sealed.slice(0, -2)
    for (const amount of [
      '1',
      '',
      sealed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      cut,
      others.hidden['amount']!,
      once!,
      steps,
    ])
      await postForm(app, '/payment', { _once: once!, to: 'Eve', amount }, own.cookie)
    await postForm(app, '/payment', { _once: once!, to: 'Eve' }, own.cookie)
    await postForm(app, '/payment', { _once: once!, to: 'Eve', amount: [sealed, '1'] }, own.cookie)
    const fooled = app.state.forms.accepted.length > 0
    if ((await postForm(app, '/payment', { ...own.hidden, to: 'Eve' }, own.cookie)).status !== 200)
      throw new Error('Nobody can pay at all.')
    return fooled
  },
})
