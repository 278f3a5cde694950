import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, describe, it } from 'node:test'
import { openDatabase } from './database-url.ts'
import { postgresUrl } from '../../test/support/services.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-url-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const server = await postgresUrl()

describe('openDatabase', () => {
  it('opens SQLite by a path or a URL of it', async () => {
    const path = join(folder, 'with space.db')
    for (const address of [path, `sqlite:${path}`, `file:${path}`, `sqlite://${path}`, pathToFileURL(path).href]) {
      rmSync(path, { force: true })
      const database = await openDatabase(address)
      assert.equal(database.dialect, 'sqlite')
      assert.equal(existsSync(path), true, address)
      await database.close()
    }
    for (const address of [':memory:', 'sqlite::memory:']) assert.equal((await openDatabase(address)).shared, false)
  })

  it('opens PostgreSQL by its URL', { skip: 'skip' in server && server.skip }, async () => {
    const database = await openDatabase('url' in server ? server.url : '')
    assert.equal(database.dialect, 'postgres')
    await database.close()
  })

  it('refuses other schemes and addresses that mean nothing, with what to write instead', async () => {
    const cases = [
      'mysql://u:hunter2@h/d',
      'https://h',
      '',
      '  ',
      'sqlite://host/path',
      'sqlite:a?mode=ro',
      'file:%zz',
      'postgres:nothing:hunter2',
    ]
    for (const address of cases) {
      const told = (error: Error & { code?: string }): boolean =>
        error.code === 'store-misconfigured' && !error.message.includes('hunter2')
      await assert.rejects(openDatabase(address), told, address)
    }
  })

  it('says that a server does not answer, without its password', async () => {
    const refused = openDatabase('postgres://root:hunter2@127.0.0.1:1/test')
    await assert.rejects(refused, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'store-unavailable')
      assert.match(error.message, /does not answer: .*ECONNREFUSED/)
      return !`${error.message} ${String(error.cause)}`.includes('hunter2')
    })
  })
})
