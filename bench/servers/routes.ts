/** The three routes that are measured, and the table that the form writes into. */
import { DatabaseSync } from 'node:sqlite'
import { createHasher } from '../../src/crypto/password/hasher.ts'

export const PAGE = `<!doctype html><title>home</title><h1>home</h1>${'<p>A paragraph of text.</p>'.repeat(20)}`

export interface Work {
  me(): { readonly id: string; readonly login: string }
  insert(text: string): void
  /** Looks at a password that is wrong, as many at a time as behind the guard. */
  guess(password: string): Promise<boolean>
}

/** What the handlers do, guarded or bare: the same. */
export function createWork(): Work {
  const database = new DatabaseSync(':memory:')
  database.exec('create table notes (id integer primary key, text text not null)')
  const statement = database.prepare('insert into notes (text) values (?)')
  const forget = database.prepare('delete from notes where id < ?')
  const hasher = createHasher()
  let stored: Promise<string> | undefined
  return {
    async guess(password) {
      stored ??= hasher.hash('a walrus sings at four')
      return (await hasher.verify(password, await stored)).ok
    },
    me: () => ({ id: '1', login: 'ada' }),
    insert(text) {
      const { lastInsertRowid } = statement.run(text)
      if (Number(lastInsertRowid) % 1000 === 0) forget.run(Number(lastInsertRowid) - 100)
    },
  }
}
