import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { capturingTransport, linkIn } from '../../../test/support/mail.ts'
import { generateKey } from '../../crypto/keyring.ts'
import { createHoldfast, type HoldfastOptions } from '../../index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-invitations-'))
let folders = 0
after(() => rmSync(root, { recursive: true }))

/** An application that ran in a folder, can run again, and the command beside it. */
async function installation(options: Partial<HoldfastOptions> = {}) {
  const data = join(root, String(folders++))
  const transport = capturingTransport()
  const mail = { from: 'noreply@app.example', transport }
  const origin = 'http://localhost:3000'
  const start = () =>
    createHoldfast({ origin, data, mode: 'test', log: 'silent', mail, signIn: { signUp: 'invitation' }, ...options })
  await (await start()).stop()
  return {
    start,
    sent: transport.sent,
    holdfast: (words: string, environment: Record<string, string> = {}) =>
      holdfastCommand(words, { environment: { HOLDFAST_DATA: data, ...environment } }),
  }
}

describe('holdfast users invite', () => {
  it('writes a letter that the application sends, with a link that works there', async () => {
    const { holdfast, start, sent } = await installation()
    const made = await holdfast('users invite Ada@app.example --role member --name Ada')
    assert.match(made.out, /^Invited "Ada@app\.example", until 20/, made.error)
    assert.equal(sent.length, 0)
    const running = await start()
    try {
      await running.mail!.flush()
      assert.deepEqual([sent.length, sent[0]!.to], [1, 'Ada@app.example'])
      const link = new URL(linkIn(sent[0]!), 'http://localhost')
      assert.equal(link.pathname, '/sign-up/invitation')
      const shown = await running.accounts.doors.invitation.read(link.searchParams.get('token')!)
      assert.deepEqual([shown?.address, shown?.name, shown?.inviter], ['Ada@app.example', 'Ada', undefined])
    } finally {
      await running.stop()
    }
  })

  it('lists what was not accepted yet, and takes it back', async () => {
    const { holdfast } = await installation()
    assert.equal((await holdfast('invitations list')).out, 'No invitation.')
    const { json } = await holdfast('users invite ada@app.example --role member --json')
    assert.deepEqual(
      [json.invitation.address, json.invitation.roles, json.invitation.invitedBy],
      ['ada@app.example', ['member'], 'system:cli'],
    )
    assert.match(
      (await holdfast('invitations list')).out,
      new RegExp(`${json.invitation.id} +ada@app\\.example +member +system:cli`),
    )
    assert.equal((await holdfast(`invitations revoke ${json.invitation.id}`)).out, 'Took back 1 invitation.')
    assert.equal((await holdfast(`invitations revoke ${json.invitation.id}`)).code, 1)
    assert.deepEqual((await holdfast('invitations list --json')).json, { invitations: [] })
  })

  it('refuses what could not be sent, opened or accepted', async () => {
    const { holdfast } = await installation()
    assert.equal((await holdfast('users invite ada --json')).json.error.reason, 'address-invalid')
    assert.equal((await holdfast('users invite ada@app.example --role wizard --json')).json.error.reason, 'role-unknown')
    assert.equal((await holdfast('users invite')).code, 2)
    const stranger = await holdfast('users invite ada@app.example', { HOLDFAST_KEYS: generateKey() })
    assert.deepEqual([stranger.code, /not the keys of the application/.test(stranger.error)], [1, true])
    const closed = await installation({ signIn: {} })
    assert.match((await closed.holdfast('users invite ada@app.example')).error, /takes no invitations/)
  })
})
