import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A185',
  title: "asks for another user's note by its address, and learns what it says or that it is there (L95)",
  control: 'authorize',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'the policy stands in the handler, and no option takes it out; testPolicy breaks it on purpose',
  },
  async succeeds(app) {
    const headers = { cookie: (await app.signIn('member')).cookie, accept: 'application/json' }
    const there = await app.fetch('/notes/of-ada', { headers })
    const nothing = await app.fetch('/notes/of-nobody', { headers })
    const logged = app.events.some(
      ({ type, data }) => type === 'authz_fail' && data?.['reason'] === 'notes.read: not owner of it',
    )
    if (!logged) throw new Error('The refusal stands in no log.')
    if (app.faults.length > 0) throw new Error('The refusal was taken for a fault.')
    const same = (text: string) => text.replaceAll(/"instance":"[^"]*"/g, '')
    return there.status !== nothing.status || there.text.includes('NOTE') || same(there.text) !== same(nothing.text)
  },
})
