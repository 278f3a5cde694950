import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
// Under another name, so that no formatter rewrites the templates that are tested.
import { attributes, html as page, insecureRawHtml } from './html.ts'

describe('attributes', () => {
  it('gives names, quoted values and nothing for what is off', () => {
    const fragment = attributes({
      required: true,
      hidden: false,
      'aria-invalid': undefined,
      id: null,
      maxlength: 64,
      title: '"x"',
    })
    assert.equal(String(fragment), 'required maxlength="64" title="&quot;x&quot;"')
    assert.equal(String(page`<input ${fragment}>`), '<input required maxlength="64" title="&quot;x&quot;">')
  })

  it('blocks a URL that would run', () => {
    assert.equal(String(attributes({ href: 'javascript:alert(1)' })), 'href="#blocked"')
    assert.equal(String(attributes({ HREF: '/notes' })), 'HREF="/notes"')
  })

  for (const name of ['onclick', 'ONCLICK', 'style', 'srcdoc', 'srcset', 'x y', 'x=', 'x"', '', '1a', 'x>', 'a'.repeat(65)]) {
    it(`refuses the name ${JSON.stringify(name.slice(0, 12))}`, () => {
      assert.throws(() => attributes({ [name]: 'x' }), TypeError)
    })
  }

  it('refuses values that are not text, numbers or booleans, and says nothing of their content', () => {
    const values = JSON.parse('{"title": {"secret": "hunter2"}}')
    assert.throws(
      () => attributes(values),
      (error: Error) => error instanceof TypeError && !error.message.includes('hunter2'),
    )
  })

  it('stands in a tag, and so does a constant; other markup does not', () => {
    const text = 'x onclick=alert(1)'
    const on = text.length > 0
    assert.equal(String(page`<input ${on ? page`checked` : ''} ${page`data-a="1" data-b`}>`), '<input checked data-a="1" data-b>')
    assert.equal(String(page`<input disabled ${null} >`), '<input disabled  >')
    const others = [
      page`title=${text}`,
      page`<b>x</b>`,
      page`a=b`,
      insecureRawHtml('checked', 'a constant, yet not allowed'),
      text,
      1,
      true,
    ]
    for (const fragment of others) assert.throws(() => page`<input ${fragment}>`, TypeError)
  })
})
