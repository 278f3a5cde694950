import { defineAttack } from '../support/attack.ts'

const STATUS = 431

export default [
  defineAttack({
    id: 'A89a',
    title: 'thousands of cookies cost every reader of cookies',
    control: 'target',
    adapters: 'all',
    succeeds: async (app) => (await app.fetch('/', { headers: { cookie: 'a=;'.repeat(4000) } })).status !== STATUS,
  }),
  defineAttack({
    id: 'A89b',
    title: 'hundreds of header fields cost every reader of headers, and those beyond the limit are dropped unseen',
    control: 'target',
    adapters: 'all',
    async succeeds(app) {
      const headers = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'v']))
      return (await app.fetch('/', { headers })).status !== STATUS
    },
  }),
  defineAttack({
    id: 'A89c',
    title: 'a list of ten thousand languages and types costs whoever sorts it',
    control: 'target',
    adapters: 'all',
    without: { heldBy: 'start-up', why: 'lists are read once, up to a fixed number of members; no option changes that' },
    async succeeds(app) {
      const headers = { accept: 'a/b,'.repeat(1800), 'accept-language': 'x-'.repeat(3000) }
      const { status } = await app.fetch('/nobody-is-here', { headers })
      return status !== 401
    },
  }),
]
