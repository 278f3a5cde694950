import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { attachment, sanitiseFileName } from './content-disposition.ts'

describe('sanitiseFileName', () => {
  it('keeps honest names, in one form', () => {
    for (const name of ['report.pdf', 'Größe 3.png', '写真.jpg', 'a.tar.gz']) assert.equal(sanitiseFileName(name), name)
    assert.equal(sanitiseFileName('e\u0301.txt'), '\u00e9.txt')
  })

  it('takes away folders, what is not seen, devices, and what stands in front or behind', () => {
    const names = {
      '../../etc/passwd': 'passwd',
      'C:\\boot.ini': 'boot.ini',
      '.htaccess': 'htaccess',
      '...': 'file',
      'a\r\nb.txt': 'ab.txt',
      'invoice\u202efdp.exe': 'invoicefdp.exe',
      'CON.txt': '_CON.txt',
      'x.php . .': 'x.php',
      'a"b<c>.txt': 'a_b_c_.txt',
      '': 'file',
    }
    for (const [name, clean] of Object.entries(names)) assert.equal(sanitiseFileName(name), clean, JSON.stringify(name))
    assert.equal(sanitiseFileName(`${'a'.repeat(500)}.png`), `${'a'.repeat(116)}.png`)
  })
})

describe('attachment', () => {
  it('says a plain name once and every other twice (RFC 6266)', () => {
    assert.equal(attachment('report.pdf'), 'attachment; filename="report.pdf"')
    assert.equal(attachment("it's.pdf€"), `attachment; filename="it's.pdf_"; filename*=UTF-8''it%27s.pdf%E2%82%AC`)
  })

  it('is one line that can be sent, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const field = attachment(name)
        assert.match(field, /^attachment; filename="[^"\\]+"(?:; filename\*=UTF-8''[\w!#$&+.^`|~%-]+)?$/)
        assert.match(field, /^[\x20-\x7e]+$/)
      }),
    )
  })
})
