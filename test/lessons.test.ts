/** Every lesson is held by a test that is there, or says why not; no test claims a lesson that is not in the list. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAttacks } from '../scripts/reference/attacks.ts'
import { INVARIANTS } from '../src/accounts/doors/matrix.ts'
import { lessons, type Lesson } from './lessons.ts'
import { taggedTests, testFiles, titlesOf } from './lessons/scan.ts'

const tagged = taggedTests()
const attackIds = new Set((await readAttacks()).map(({ id }) => id as string))
const files = new Set(testFiles())

/** What is wrong with a reference, if anything. */
function problemOf(reference: string): string | undefined {
  if (/^A\d/.test(reference)) return attackIds.has(reference) ? undefined : 'there is no such attack'
  const [kind = '', name = ''] = reference.split(/:\s*(.*)/s)
  if (kind === 'door') return Object.hasOwn(INVARIANTS, name) ? undefined : 'there is no such invariant'
  if (!files.has(kind)) return 'there is no such file of tests'
  return titlesOf(kind).some((title) => title.startsWith(name)) ? undefined : 'the file has no such test'
}

const isHeld = ({ id, by = [] }: Lesson) => by.length > 0 || tagged.some(({ ids }) => ids.includes(id))

describe('the list of lessons', () => {
  it('has 110, each once and in order', () => {
    const wanted = Array.from({ length: 110 }, (_, index) => `L${String(index + 1).padStart(2, '0')}`)
    assert.deepEqual(
      lessons.map(({ id }) => id),
      wanted,
    )
  })

  it('says of each what must hold, as a sentence, and why where nothing does', () => {
    const sentences = lessons.flatMap(({ says, out = says }) => [says, out])
    assert.deepEqual(
      sentences.filter((sentence) => !/^[A-Z].{15,}\.$/.test(sentence)),
      [],
    )
  })

  it('has a test for each that is not out', () => {
    assert.deepEqual(
      lessons.filter((lesson) => !isHeld(lesson) && lesson.out === undefined).map(({ id }) => id),
      [],
    )
  })

  it('names attacks, invariants and tests that are there', () => {
    const wrong = lessons.flatMap(({ id, by = [] }) =>
      by.map((one) => [id, one, problemOf(one)]).filter(([, , problem]) => problem),
    )
    assert.deepEqual(wrong, [])
  })

  it('would find out about those that are not', () => {
    assert.equal(problemOf('A9999'), 'there is no such attack')
    assert.equal(problemOf('door:window'), 'there is no such invariant')
    assert.equal(problemOf('test/nothing.test.ts: x'), 'there is no such file of tests')
    assert.equal(problemOf('test/canary.test.ts: sings'), 'the file has no such test')
  })

  it('knows every lesson that a test claims', () => {
    const known = new Set(lessons.map(({ id }) => id))
    assert.ok(tagged.length > 150, `${tagged.length}`)
    assert.deepEqual(
      tagged.filter(({ ids }) => !ids.every((id) => known.has(id))),
      [],
    )
  })
})
