import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createHoldfast } from '../../src/index.ts'
import { defineAttack } from '../support/attack.ts'
import { whoIs } from '../support/browser.ts'

/** One file for both runs: another process has to open it, too. */
const data = mkdtempSync(join(tmpdir(), 'holdfast-a174-'))
const database = join(data, 'shared.sqlite')
after(() => rmSync(data, { recursive: true, force: true }))

export default defineAttack({
  id: 'A174',
  title: 'goes on at one process after the session was ended at another (L62)',
  control: 'session',
  options: { database, processes: 2 },
  // Told that it is alone, it believes for a tenth of a second what it found, and the clock of the test stands.
  without: { processes: 1 },
  async succeeds(app) {
    const { cookie, userId } = await app.signIn('member', `victim-${randomUUID()}`)
    if ((await whoIs(app, cookie)) === null) throw new Error('The session does not live.')
    const options = { origin: app.origin, mode: 'test', log: 'silent', data, database, processes: 2, now: app.clock.now } as const
    const other = await createHoldfast(options)
    await other.accounts.users.disable(userId, { kind: 'system', id: 'another process' })
    await other.stop()
    return (await whoIs(app, cookie)) !== null
  },
})
