/** The process that is killed: acts as fast as it can, and says of each that it is done, among many events of no importance. */
import { writeSync } from 'node:fs'
import { createHoldfast } from '../../src/index.ts'
import { options } from './audit-killed.ts'

const { accounts, emit } = await createHoldfast(options(process.argv[2]!, process.argv[3]))
for (;;) {
  for (let index = 0; index < 20; index++) emit({ type: 'authn_login_fail', data: { userId: 'ada', door: 'password' } })
  const made = await accounts.tenants.create({ name: 'Acme' }, { kind: 'system', id: 'victim' })
  if (made.ok) writeSync(1, `${made.tenant.id}\n`)
  await new Promise(setImmediate)
}
