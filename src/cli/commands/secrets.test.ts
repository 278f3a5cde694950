import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { generateKey } from '../../crypto/keyring.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'))
const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
let folders = 0
after(() => rmSync(root, { recursive: true }))

/** An empty place, and the command in it; `typed` is what stands on standard input. */
function place() {
  const name = String(folders++)
  const file = join(root, name)
  const call = async (words: string, { typed = '', ...environment }: Record<string, string> = {}) =>
    await holdfastCommand(words, {
      environment: { HOLDFAST_SECRETS_KEY: OLD, HOLDFAST_SECRETS: file, ...environment },
      password: typed,
    })
  /** A program that stands for an editor: writes down where the file was and how it may be read, and then does its work. */
  const editor = (work: string) => {
    const script = join(root, `editor-${name}.sh`)
    writeFileSync(
      script,
      `#!/bin/sh\nls -ln "$1" > ${script}.seen\necho "$1" >> ${script}.seen\nenv >> ${script}.seen\n${work}\n`,
    )
    chmodSync(script, 0o700)
    return { EDITOR: script, seen: () => readFileSync(`${script}.seen`, 'utf8') }
  }
  return { file, call, editor }
}

describe('holdfast secrets', () => {
  it('sets, lists, gets and removes, and the file holds no value', async () => {
    const { file, call } = place()
    assert.equal((await call('secrets set STRIPE_KEY', { typed: 'sk_live_a' })).out, 'STRIPE_KEY is set.')
    await call('secrets set DATABASE_URL', { typed: 'postgres://a:b@db/app' })
    assert.equal((await call('secrets list')).out, 'DATABASE_URL\nSTRIPE_KEY')
    assert.equal((await call('secrets get STRIPE_KEY')).out, 'sk_live_a')
    assert.ok(!readFileSync(file, 'utf8').includes('sk_live') && !existsSync(`${file}.next`))
    assert.equal((await call('secrets remove STRIPE_KEY')).code, 0)
    assert.equal((await call('secrets get STRIPE_KEY')).code, 1)
    assert.equal((await call('secrets remove STRIPE_KEY')).code, 1)
  })

  it('takes no value as an argument, and does nothing without its key', async () => {
    const { file, call } = place()
    assert.equal((await call('secrets set STRIPE_KEY sk_live_a')).code, 2)
    assert.match((await call('secrets list', { HOLDFAST_SECRETS_KEY: '' })).error, /is not known here/)
    const weak = await call('secrets list', { HOLDFAST_SECRETS_KEY: 'k1:c2hvcnQ' })
    assert.match(weak.error, /HOLDFAST_SECRETS_KEY: The key "k1" has 5 bytes/)
    assert.equal((await call('secrets set ../x', { typed: 'v' })).code, 3)
    assert.match((await call('secrets set PEM', { typed: '-----BEGIN PRIVATE KEY-----' })).error, /secrets edit/)
    assert.equal(existsSync(file), false)
  })

  it('opens an editor on a file that nobody else can read, without its key, and nothing is left of it', async () => {
    const { file, call, editor } = place()
    await call('secrets set A', { typed: 'one' })
    await call('secrets set B', { typed: 'two' })
    const [, a] = readFileSync(file, 'utf8').split('\n')
    const { EDITOR, seen } = editor(`grep -q two "$1" || exit 9\nprintf '{"A":"one","C":"three"}' > "$1"`)
    const answer = await call('secrets edit', { EDITOR, PATH: process.env['PATH']! })
    assert.equal(answer.out, 'Saved.', answer.error)
    assert.equal((await call('secrets list')).out, 'A\nC')
    assert.equal((await call('secrets get C')).out, 'three')
    assert.equal(readFileSync(file, 'utf8').split('\n')[1], a)
    const [mode, path] = seen().split('\n')
    assert.match(mode!, /^-rw------- /)
    assert.ok(!existsSync(path!) && !seen().includes(OLD))
  })

  it('changes nothing when the editor fails, or leaves something that is no object of texts, and repeats none of it', async () => {
    const { file, call, editor } = place()
    await call('secrets set A', { typed: 'one' })
    const before = readFileSync(file, 'utf8')
    const path = { PATH: process.env['PATH']! }
    for (const work of ['exit 3', `printf '{"A": hunter2' > "$1"`, `printf '["hunter2"]' > "$1"`, `printf '{"A":""}' > "$1"`]) {
      const { EDITOR, seen } = editor(work)
      const answer = await call('secrets edit', { EDITOR, ...path })
      assert.equal(answer.code, 1, work)
      assert.doesNotMatch(answer.error, /hunter2/)
      assert.equal(readFileSync(file, 'utf8'), before)
      assert.ok(!existsSync(seen().split('\n')[1]!))
    }
    assert.equal((await call('secrets edit')).code, 2)
    assert.equal((await call('secrets edit', { EDITOR: '/none/editor' })).code, 3)
  })

  it('seals all anew under a new key', async () => {
    const { call } = place()
    await call('secrets set A', { typed: 'one' })
    assert.equal((await call('secrets rotate', { HOLDFAST_SECRETS_KEY: `${NEXT},${OLD}` })).out, '1 sealed anew.')
    assert.equal((await call('secrets get A', { HOLDFAST_SECRETS_KEY: NEXT })).out, 'one')
    assert.equal((await call('secrets get A')).code, 3)
    assert.ok(!readdirSync(root).some((name) => name.endsWith('.next')))
  })
})
