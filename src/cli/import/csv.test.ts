import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { readCsv } from './csv.ts'
import { readJsonLines } from './json-lines.ts'
import { readRow, type Found } from './row.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-csv-'))
after(() => rmSync(root, { recursive: true }))
const path = join(root, 'file')

async function all(read: (path: string) => AsyncGenerator<Found>, text: string | Uint8Array): Promise<Found[]> {
  writeFileSync(path, text)
  return await Array.fromAsync(read(path))
}

/** Characters that matter to the format, and some that do not. */
const field = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '"', ',', ';', '\t', '\n', '日'), maxLength: 8 })
const quoted = (fields: readonly string[]) => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')

describe('CSV', () => {
  it('gives back every field that was written, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(field, field), { maxLength: 5 }), async (records) => {
        const found = await all(readCsv, ['a,b', ...records.map(quoted)].join('\r\n'))
        assert.deepEqual(
          found.map(({ entry }) => [entry?.['a'], entry?.['b']]),
          records,
        )
      }),
      { numRuns: 60 },
    )
  })

  it('never throws, and says of each record where it began', async () => {
    const odd = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\0'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(odd, async (text) => {
        for (const found of await all(readCsv, `login,hash\n${text}`)) assert.match(found.at, /^line \d+$/)
      }),
      { numRuns: 100 },
    )
  })

  it('loses no record behind a quote that is never closed', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `user-${index},x`)
    const found = await all(readCsv, ['login,hash', '"open,x', ...rows].join('\n'))
    assert.equal(found.filter(({ entry }) => entry !== undefined).length, 60)
    assert.deepEqual(
      found.filter(({ entry }) => entry === undefined).map(({ at }) => at),
      ['line 2'],
    )
  })

  it('reads a long file of long lines in bounded memory, and reports those that are too long', async () => {
    const found = await all(readCsv, `login,hash\n${`${'x'.repeat(200_000)},y\nfine,z\n`.repeat(20)}`)
    assert.equal(found.filter(({ entry }) => entry?.['login'] === 'fine').length, 20)
    assert.equal(found.filter(({ entry }) => entry === undefined).length, 20)
  })
})

describe('a record', () => {
  const row = (entry: Record<string, unknown>) => readRow({ at: 'row 1', entry }, {})

  it('never throws, whatever a line holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        for (const found of await all(readJsonLines, JSON.stringify(value))) assert.equal(typeof readRow(found, {}).ok, 'boolean')
      }),
      { numRuns: 60 },
    )
  })

  it('says who is kept out, and does not guess', () => {
    const disabled = (entry: Record<string, unknown>) => {
      const read = row({ login: 'bob', hash: 'x', ...entry })
      return read.ok ? read.user.disabled : 'unclear'
    }
    for (const entry of [{ active: 1 }, { is_active: 'true' }, { banned: null }, { Enabled: 'Y' }, {}])
      assert.equal(disabled(entry), false, JSON.stringify(entry))
    for (const entry of [{ active: 0 }, { isActive: 'f' }, { banned: true }, { disabled: '1' }, { active: 1, locked: 1 }])
      assert.equal(disabled(entry), true, JSON.stringify(entry))
    for (const entry of [{ active: 'maybe' }, { active: null }, { banned: 'soon' }, { active: '' }, { disabled: {} }])
      assert.equal(disabled(entry), 'unclear', JSON.stringify(entry))
  })

  it('takes the name for the login only from Django', () => {
    const login = (entry: Record<string, unknown>) => {
      const read = row({ password: 'x', ...entry })
      return read.ok && read.user.login
    }
    assert.equal(login({ username: 'bob', email: 'bob@app.example' }), 'bob@app.example')
    assert.equal(login({ username: 'bob', email: 'bob@app.example', is_superuser: 0 }), 'bob')
    assert.equal(login({ username: 'bob' }), 'bob')
  })
})
