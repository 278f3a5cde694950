/** Applies a response in a process of its own, and is killed by itself at the first event of a type: `FOLDER TYPE`. */
import { createHoldfast, Secret } from '../../src/index.ts'

const [data, type] = process.argv.slice(2) as [string, string]
const PASSWORD = 'crimson kettle orbit lagoon'
const BY = { kind: 'system', id: 'victim' } as const

const holdfast = await createHoldfast({
  origin: 'http://localhost:3000',
  mode: 'test',
  data,
  passwords: { hashing: { insecureParameters: { memory: 8, passes: 1, parallelism: 1 } } },
  log(event) {
    if (event.type === type) process.kill(process.pid, 'SIGKILL')
  },
})
const created = await holdfast.accounts.users.create({ login: 'ada', roles: ['member'], password: new Secret(PASSWORD) }, BY)
if (!created.ok) throw new Error(created.reason)
const from = { address: '198.51.100.7', network: '198.51.100.7', userAgent: 'test' }
await holdfast.accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, from)
const subject = { kind: 'user', value: created.user.id } as const
await holdfast.responses.apply({ response: 'end-user-sessions', subject, reason: 'Somebody has the password.', by: BY })
throw new Error(`Nobody said ${type}.`)
