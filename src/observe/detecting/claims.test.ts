/** What is taken for a probe, what is not, and that no text makes the looking slow. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SEARCHES } from '../../../test/detections/ordinary-people.ts'
import { claimOf, isTraversal } from './claims.ts'
import { looksLikeScript } from './probe-script.ts'
import { looksLikeSql } from './probe-sql.ts'
import { answer } from './replay.ts'

const kindOf = (target: string, more: Parameters<typeof answer>[0] = {}) => claimOf(answer({ target, ...more }))?.kind
const query = (text: string) => `/search?q=${encodeURIComponent(text)}`

const SQL = [
  ...[
    "1' OR '1'='1",
    "x' UNION ALL SELECT NULL,NULL--",
    '1 AND 8745=8745',
    "1'; DROP TABLE users",
    '1 OR SLEEP(5)',
    "x') OR ('a'='a",
  ],
  ...["admin'--", '1/**/UNION/**/SELECT/**/password', "1' AND EXTRACTVALUE(1,CONCAT(0x5c,version()))", "';WAITFOR DELAY '0:0:5'"],
  ...['1 ORDER BY 10-- ', 'SELECT table_name FROM information_schema.tables', '(CASE WHEN (1=1) THEN 1 ELSE 2 END)'],
]
const SCRIPT = [
  ...[
    '<script>alert(1)</script>',
    '"><svg/onload=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    'javascript:alert(1)',
    '<iframe srcdoc=x>',
  ],
  ...[
    '" onmouseover="alert(1)',
    '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
    '<body onload=prompt(1)>',
    '</script ><script >eval("x")',
  ],
]
const TRAVERSAL = [
  ...[
    '/../../etc/passwd',
    '/a/..%2f..%2fetc/passwd',
    '/?f=..%5c..%5cboot.ini',
    '/%2e%2e/%2e%2e/x',
    '/?f=....//etc/passwd',
    '/?f=file:///x',
  ],
  ...['/static/..;/admin', '/?f=%252e%252e%252fetc%252fpasswd', '/?f=/proc/self/environ'],
]

describe('a probe', () => {
  for (const text of SQL) it(`of SQL: ${text}`, () => assert.equal(kindOf(query(text)), 'sql'))
  for (const text of SCRIPT) it(`of script: ${text}`, () => assert.equal(kindOf(query(text)), 'script'))
  for (const target of TRAVERSAL) it(`out of a folder: ${target}`, () => assert.equal(kindOf(target), 'traversal'))

  it('is found in a form, in JSON and in the operators of a document store', () => {
    assert.equal(kindOf('/login', { body: { login: "' or 1=1 --", password: 'x' } }), 'sql')
    assert.equal(kindOf('/api', { body: { list: [{ deep: '<script>alert(1)</script>' }] } }), 'script')
    assert.equal(kindOf('/api', { body: { password: { $ne: '' } } }), 'sql')
  })

  it('for a file or a page of administrators counts only where it was refused', () => {
    for (const path of ['/.env', '/.git/config', '/backup.zip', '/db.sql.gz', '/%2eenv', '/.AWS/credentials', '/id_rsa'])
      assert.equal(kindOf(path, { status: 404 }), 'sensitive-file', path)
    for (const path of ['/wp-admin/', '/phpMyAdmin', '/Administrator/index.php'])
      assert.equal(kindOf(path, { turnedAway: true }), 'admin-path', path)
    assert.equal(kindOf('/.well-known/security.txt', { status: 404 }), undefined)
    assert.equal(kindOf('/backup.zip'), undefined)
    assert.equal(kindOf('/administration-of-schools', { status: 404 }), undefined)
  })

  it('of the own pages of administrators is known by their beginning', () => {
    assert.equal(claimOf(answer({ target: '/staff/users', status: 403 }), ['/staff'])?.kind, 'admin-path')
    assert.equal(claimOf(answer({ target: '/staffing', status: 403 }), ['/staff']), null)
  })
})

describe('what people write', () => {
  for (const text of SEARCHES.filter((one) => one !== '../notes'))
    it(`is at most a hint: ${text}`, () => {
      const claim = claimOf(answer({ target: query(text) }))
      assert.ok(claim === null || (claim.kind === 'sql' && !claim.sure), JSON.stringify(claim))
    })

  it('of ranges and dots is no way out of a folder', () => {
    for (const target of ['/files/a..b.txt', '/?range=1..5', '/?text=wait...what', '/v1.2..v1.3'])
      assert.equal(isTraversal(target), false, target)
  })

  it('is let go where nothing is unusual', () => {
    assert.equal(claimOf(answer({ target: '/pages/about?sort=name&dir=desc' })), null)
    assert.equal(claimOf(answer({ target: '/search?q=what+to+do+in+berlin' })), null)
  })
})

/** Texts that make expressions with nested repetition run for minutes. */
const HOSTILE = [
  ...[
    "'".repeat(1000),
    '<a '.repeat(300),
    `<a ${'x'.repeat(900)}`,
    `' ${'('.repeat(900)}`,
    '/*'.repeat(500),
    'select '.repeat(140),
  ],
  ...[
    'union '.repeat(160),
    `"${' '.repeat(900)}`,
    'on'.repeat(500),
    `<${' '.repeat(990)}`,
    'javascript:'.repeat(90),
    '%2e'.repeat(300),
  ],
]

describe('hostile texts', () => {
  for (const text of HOSTILE)
    it(`take no longer than others of their length: ${text.slice(0, 12)}…`, () => {
      const began = process.cpuUsage()
      for (let round = 0; round < 20; round++) {
        looksLikeSql(text)
        looksLikeScript(text)
        claimOf(answer({ target: `/${text}?q=${text}` }))
      }
      const { user } = process.cpuUsage(began)
      assert.ok(user / 20 < 5000, `${user / 20} µs each`)
    })

  it('are read to their bound alone', () => {
    assert.equal(kindOf(`/?q=${'a'.repeat(3000)}' or 1=1 --`), undefined)
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}`, "it's"]))
    assert.equal(kindOf('/form', { body }), undefined)
  })
})
