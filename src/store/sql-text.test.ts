import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isRead, readSql, refuseTransactionControl } from './sql-text.ts'

describe('readSql', () => {
  it('numbers parameters outside quotes, comments and dollar quotes', () => {
    const cases: [string, string, number][] = [
      ['SELECT ?, ?', 'SELECT $1, $2', 2],
      ["SELECT '?' || ?", "SELECT '?' || $1", 1],
      ["SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1", 1],
      ['SELECT "a?""?", ?', 'SELECT "a?""?", $1', 1],
      ['SELECT ? -- ?\n, ?', 'SELECT $1 -- ?\n, $2', 2],
      ['SELECT /* ? */ ?', 'SELECT /* ? */ $1', 1],
      ["SELECT E'\\'?', ?", "SELECT E'\\'?', $1", 1],
      ["SELECT 'a\\', ?", "SELECT 'a\\', $1", 1],
      ["SELECT type'?', ?", "SELECT type'?', $1", 1],
      ['SELECT $$ ? $$, $tag$ ? $$ ? $tag$, ?', 'SELECT $$ ? $$, $tag$ ? $$ ? $tag$, $1', 1],
      ["SELECT 'open ?", "SELECT 'open ?", 0],
      ['SELECT 1;  ', 'SELECT 1;  ', 0],
      ['SELECT 1; -- the end ?', 'SELECT 1; -- the end ?', 0],
    ]
    for (const [text, numbered, parameters] of cases) assert.deepEqual(readSql(text), { numbered, parameters }, text)
  })

  it('refuses a second statement and numbered parameters', () => {
    for (const text of ['SELECT 1; SELECT 2', "SELECT ';'; DROP TABLE a", 'SELECT ?1']) {
      assert.throws(() => readSql(text), { code: 'store-misuse' }, text)
    }
  })

  it('ends, and changes nothing but parameters, whatever the text', () => {
    const pieces = fc.constantFrom("'", '"', '--', '/*', '*/', '$', '$a$', '\\', 'E', '?', '\n', 'x', ' ')
    const texts = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        const { numbered, parameters } = readSql(text)
        let restored = numbered
        for (let number = parameters; number >= 1; number--) {
          const place = restored.lastIndexOf(`$${number}`)
          restored = `${restored.slice(0, place)}?${restored.slice(place + 1 + String(number).length)}`
        }
        assert.equal(restored.length, text.length)
        assert.equal(restored, text)
      }),
    )
  })
})

describe('the kind of a statement', () => {
  it('takes only SELECT for a read', () => {
    assert.equal(isRead('  select 1'), true)
    for (const text of [
      'INSERT INTO a DEFAULT VALUES',
      'WITH a AS (SELECT 1) DELETE FROM b',
      'PRAGMA user_version = 1',
      'selection',
    ]) {
      assert.equal(isRead(text), false, text)
    }
  })

  it('refuses to begin and end transactions by hand', () => {
    for (const text of ['BEGIN', ' begin immediate', 'COMMIT', 'Rollback', 'SAVEPOINT a', "ATTACH 'x' AS y"]) {
      assert.throws(() => refuseTransactionControl(text), { code: 'store-misuse' }, text)
    }
    refuseTransactionControl('SELECT 1')
  })
})
