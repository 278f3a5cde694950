/** `holdfast doors` says what the registry test tries. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { INVARIANTS, ways } from '../../accounts/doors/matrix.ts'
import { Refusal, type Call } from '../command.ts'
import { doors } from './doors.ts'

const run = (...args: string[]) => doors.actions[0]!.run({ args } as unknown as Call)

describe('holdfast doors', () => {
  it('prints a line for each way in, and what each column means', async () => {
    const { kind, text } = await run()
    assert.equal(kind, 'done')
    assert.match(text, /^x: held\.[^]*^-: it says nothing there\./m)
    for (const { name } of ways) assert.match(text, new RegExp(`^${name} +[x-]`, 'm'))
    for (const [name, what] of Object.entries(INVARIANTS)) assert.ok(text.includes(`${name} `) && text.includes(what), name)
  })

  it('says of one way what holds there, and why something says nothing', async () => {
    const { text } = await run('recovery')
    assert.match(text, /^parity +held/m)
    assert.match(text, /^fixation +- +It opens no session\./m)
  })

  it('gives the same to programs', async () => {
    const { json } = await run()
    const [first] = json as { name: string; invariants: Record<string, { held: boolean | null; why?: string }> }[]
    assert.equal(first?.name, 'password')
    assert.deepEqual(first?.invariants['disabled'], { held: true })
    assert.deepEqual(Object.keys(first?.invariants['expired'] ?? {}), ['held', 'why'])
  })

  it('refuses a name that is no way in, and says what may have been meant', async () => {
    await assert.rejects(run('pasword'), (error) => error instanceof Refusal && /Did you mean "password"/.test(error.message))
  })
})
