import { defineAttack } from '../support/attack.ts'
import { hiddenFields, openPage, postForm } from '../support/form-client.ts'

export default defineAttack({
  id: 'A239',
  title: 'skips a step, goes on with the steps of somebody else, or changes the answers of an earlier one (CWE-841)',
  control: 'forms',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'where somebody is, and what they typed, is in a seal that only the server writes, for one visitor',
  },
  async succeeds(app) {
    const WHEN = { day: '2026-12-24', notes: '' }
    const first = await openPage(app, '/booking')
    const other = await openPage(app, '/booking')
    const second = hiddenFields(
      (await postForm(app, '/booking', { ...first.hidden, name: 'Mira', guests: '2' }, first.cookie)).text,
    )
    const seal = second['_steps']!
    const attempts: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [{ ...WHEN }, first.cookie],
      [{ ...first.hidden, ...WHEN }, first.cookie],
      [{ ...second, ...WHEN }, other.cookie],
      [{ ...second, ...WHEN, _steps: first.hidden['_steps']! }, first.cookie],
      [{ ...second, ...WHEN, name: 'Eve', guests: '6' }, first.cookie],
      [{ ...second, ...WHEN, _steps: seal.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) }, first.cookie],
      [{ ...second, ...WHEN, _steps: second['_once']! }, first.cookie],
    ]
    for (const [texts, cookie] of attempts) await postForm(app, '/booking', texts, cookie)
    const skipped = app.state.forms.accepted.length > 0
    if ((await postForm(app, '/booking', { ...second, ...WHEN }, first.cookie)).status !== 200)
      throw new Error('Nobody can book at all.')
    return skipped
  },
})
