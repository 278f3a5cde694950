/** Another process of the same application: does one thing to a user, as its last argument says, and ends. */
import { createHoldfast, Secret } from '../../src/index.ts'

const [data, database, redis, keys, userId, what] = process.argv.slice(2) as [string, string, string, string, string, string]
const holdfast = await createHoldfast({
  ...{ origin: 'http://localhost:3000', mode: 'test', log: 'silent', processes: 2, keys: new Secret(keys), data, database },
  ...(redis !== '' && { redis }),
})
const actor = { kind: 'system', id: 'another process' } as const
const { users, sessions } = holdfast.accounts
if (what === 'disable') await users.disable(userId, actor)
else if (what === 'lower') await users.setRoles(userId, ['member'], actor)
else await sessions.endAll(userId, actor)
await holdfast.stop()
