/** A short run of `npm run bench fuzz`, from seeds that stay and one that changes. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { fuzzTemplates } from '../../test/support/fuzz-templates.ts'

const TEMPLATES = 8000

describe('html with random templates', () => {
  for (const seed of [1, 2, 20_261_121, randomInt(2 ** 31)])
    it(`neither crashes nor hangs, and keeps every value in its place (seed ${seed})`, () => {
      const { filled, refused } = fuzzTemplates({ seed, now: () => performance.now(), goesOn: (tried) => tried < TEMPLATES })
      assert.equal(filled + refused, TEMPLATES)
      assert.ok(filled > TEMPLATES / 50 && refused > TEMPLATES / 50, `${filled} were filled, ${refused} refused`)
    })
})
