import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileReportingEndpoints } from './reporting.ts'

it('writes endpoints by name', () => {
  assert.equal(
    compileReportingEndpoints({ csp: '/reports/csp', default: 'https://r.example/x?y=1' }),
    'csp="/reports/csp", default="https://r.example/x?y=1"',
  )
})

it('refuses endpoints that user agents ignore, and text that could add one', () => {
  for (const url of [
    'http://r.example/',
    '//r.example/',
    '/\\r.example',
    'reports',
    '',
    'javascript:1',
    'https://',
    '/a\r\nb',
    '/é',
  ]) {
    assert.throws(() => compileReportingEndpoints({ csp: url }), TypeError, url)
  }
  for (const name of ['', 'Csp', 'a b', 'a="x", b'])
    assert.throws(() => compileReportingEndpoints({ [name]: '/x' }), TypeError, name)
  assert.equal(compileReportingEndpoints({ csp: '/a"b' }), 'csp="/a\\"b"')
})
