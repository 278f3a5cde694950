import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { createHoldfast } from '../../index.ts'
import { AlertError, defineChannel, file } from '../../observe/alerts/index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-alerts-command-'))
after(() => rmSync(root, { recursive: true }))

describe('holdfast alerts', () => {
  it('lists the channels of the application, lets it send a test, and shows and retries what did not leave', async () => {
    const data = join(root, 'data')
    const path = join(root, 'alerts.jsonl')
    const [now, state] = [{ at: Date.parse('2027-01-01T00:00:00Z') }, { fails: true }]
    const broken = defineChannel({
      kind: 'broken',
      open: () => ({
        async send() {
          if (state.fails) throw new AlertError('The other server answered 410.', { permanent: true })
        },
      }),
    })
    const holdfast = await createHoldfast({
      ...{ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now: () => now.at },
      alerts: { channels: { ops: file({ path }), broken }, background: false },
    })
    const command = (words: string) => holdfastCommand(words, { environment: { HOLDFAST_DATA: data }, now: () => now.at })
    try {
      assert.match((await command('alerts list')).out, /^CHANNEL +KIND +WAITING +GIVEN UP\nops +file +0 +0\nbroken +broken +0 +0/)
      for (const name of ['ops', 'broken']) {
        const { out, error } = await command(`alerts test ${name}`)
        assert.match(out, /sends a test/, error)
      }
      assert.equal((await command('alerts list --json')).json.channels[0].waiting, 1)
      await holdfast.alerts!.flush()
      assert.match(readFileSync(path, 'utf8'), /A test: this channel works/)
      assert.match((await command('alerts waiting broken')).out, /given up +The other server answered 410\./)
      state.fails = false
      assert.equal((await command('alerts retry broken')).out, '1 alert is due now.')
      await holdfast.alerts!.flush()
      assert.equal((await command('alerts waiting broken')).out, 'Nothing waits.')
    } finally {
      await holdfast.stop()
    }
  })

  it('refuses a channel that is none, and says which there are', async () => {
    const data = join(root, 'none')
    await (await createHoldfast({ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent' })).stop()
    const refusedBy = await holdfastCommand('alerts test ops', { environment: { HOLDFAST_DATA: data } })
    assert.deepEqual([refusedBy.code, refusedBy.error], [1, 'holdfast: There is no channel "ops". The application has none.'])
    assert.equal(
      (await holdfastCommand('alerts list', { environment: { HOLDFAST_DATA: data } })).out,
      'The application has no channels of alerts.',
    )
  })
})
