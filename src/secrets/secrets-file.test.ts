import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { generateKey } from '../crypto/keyring.ts'
import { fileSecrets, readSecretsFile } from './secrets-file.ts'
import { SecretsError } from './source.ts'

const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe('the file of secrets', () => {
  const file = readSecretsFile('', OLD)
    .set('STRIPE_KEY', 'sk_live_a')
    .set('DATABASE_URL', 'postgres://a:b@db/app')
    .set('PEM', 'a\nb\n')

  it('gives back what was put in, texts of several lines too, in the order of the names', () => {
    const read = readSecretsFile(file.text, OLD)
    assert.deepEqual(read.names, ['DATABASE_URL', 'PEM', 'STRIPE_KEY'])
    assert.deepEqual(
      read.names.map((name) => read.get(name)!.reveal()),
      ['postgres://a:b@db/app', 'a\nb\n', 'sk_live_a'],
    )
    assert.equal(read.get('NONE'), undefined)
    assert.ok(!file.text.includes('sk_live') && !inspect(read.get('STRIPE_KEY')).includes('sk_live'))
  })

  it('changes the line of what was changed and no other, so that it merges', () => {
    const changed = readSecretsFile(file.text, OLD).set('PEM', 'other').set('STRIPE_KEY', 'sk_live_a').remove('NONE')
    const [before, after] = [linesOf(file.text), linesOf(changed.text)]
    assert.deepEqual([before[0], before[2]], [after[0], after[2]])
    assert.notEqual(before[1], after[1])
    const ours = readSecretsFile(file.text, OLD).set('A', '1').text
    const theirs = readSecretsFile(file.text, OLD).set('Z', '2').text
    const merged = readSecretsFile([...new Set([...linesOf(ours), ...linesOf(theirs)])].join('\n'), OLD)
    assert.deepEqual([merged.get('A')!.reveal(), merged.get('Z')!.reveal(), merged.names.length], ['1', '2', 5])
    assert.deepEqual(readSecretsFile(changed.text.replaceAll('\n', '\r\n'), OLD).names, changed.names)
  })

  it('opens no line under another name, and none that was changed, and says which', () => {
    const [url, pem] = linesOf(file.text).map((line) => line.split(' ')[1])
    const swapped = readSecretsFile(`DATABASE_URL ${pem!}\nPEM ${url!}`, OLD)
    assert.throws(() => swapped.get('PEM'), { name: 'SecretsError', message: /^PEM cannot be opened: its line was changed/ })
    assert.throws(() => readSecretsFile(`PEM ${pem!.slice(0, -3)}AAA`, OLD).get('PEM'), SecretsError)
    assert.throws(() => readSecretsFile(file.text, NEXT).get('PEM'), /a key that is not in HOLDFAST_SECRETS_KEY/)
  })

  it('refuses what a merge left, names that lead elsewhere, and empty values', () => {
    const [line] = linesOf(file.text)
    for (const mark of ['<<<<<<< HEAD', '||||||| base', '=======', '>>>>>>> theirs'])
      assert.throws(() => readSecretsFile(`${line!}\n${mark}`, OLD), /Line 2 is a mark of a merge/)
    assert.throws(() => readSecretsFile(`${line!}\n${line!}`, OLD), /Line 2 gives DATABASE_URL a second time/)
    assert.throws(() => readSecretsFile('NAME', OLD), /Line 1/)
    for (const name of ['', '../a', 'a b', '1A', 'a\nB', 'a..b', 'a/b'])
      assert.throws(() => file.set(name, 'value'), SecretsError)
    assert.throws(() => file.set('A', ''), SecretsError)
    assert.throws(() => readSecretsFile('', 'k1:c2hvcnQ'), /has 5 bytes/)
  })

  it('is sealed anew under a new key, and then needs the old one no more', async () => {
    const both = readSecretsFile(file.text, `${NEXT},${OLD}`)
    assert.equal(both.older, 3)
    const rotated = readSecretsFile(both.rotate().text, NEXT)
    assert.deepEqual([rotated.older, rotated.get('PEM')!.reveal()], [0, 'a\nb\n'])
    assert.equal(rotated.rotate().text, rotated.text)
    assert.equal((await fileSecrets('f', rotated).get('STRIPE_KEY'))!.reveal(), 'sk_live_a')
  })
})
