/** Secrets are compared in constant time, or looked up by their hash: no line of ours compares one with `===` (L104). */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { root } from './scan.ts'

/** A name of something secret, compared by an operator that stops at the first difference. */
const COMPARED =
  /(?<![\w'])[\w.?!]*(?:[Hh]ash|[Tt]oken|[Ss]ecret|[Dd]igest|[Mm]ac|[Ss]ignature|[Pp]assword|[Cc]hecksum)\s*[!=]==\s*(?!undefined|null|''|'string'|'object'|NONE|void)[\w.]/
/** Lines that compare no stored secret with what somebody sent. */
const KNOWN = [
  /^src\/store\/migrate\.ts: .*checksum/, // of a migration, which everybody may read
  /password !?==?= passwordAgain/, // two fields of one form
  /hash === false/, // what reading a file gave
  /^src\/observe\/audit\/(?:chains|checkpoints|retain|verify\/(?:verifier|runs))\.ts: /, // of a chain, which everybody may read
  /^src\/tls\/acme\/challenges\.ts: .*'http-01'/, // of a challenge, which the authority reads in the open
  /^src\/forms\/.*secret\)? [!=]== true/, // whether a field is one
]

function comparisons(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/^(?:\*|\/[/*])/.test(line) && COMPARED.test(line))
}

describe('comparing', () => {
  it('of a secret with === stands nowhere in our code (L104)', () => {
    const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/\.(?:test|contract)\.ts$/.test(file))
    const found = files.flatMap((file) => comparisons(readFileSync(join(root, file), 'utf8')).map((line) => `${file}: ${line}`))
    assert.deepEqual(
      found.filter((line) => !KNOWN.some((known) => known.test(line))),
      [],
    )
  })

  it('would be found', () => {
    assert.equal(comparisons('if (row.hash === sent) return row').length, 1)
    assert.equal(comparisons('return token !== expected.value').length, 1)
    assert.equal(comparisons('if (token === undefined) return').length, 0)
  })
})
