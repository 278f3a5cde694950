import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { escapeHtml } from './escape.ts'

describe('escapeHtml', () => {
  it('replaces the characters that end text or a quoted value', () => {
    assert.equal(escapeHtml(`a & <b> "c" 'd' \`e\` \0`), 'a &amp; &lt;b&gt; &quot;c&quot; &#39;d&#39; &#96;e&#96; \uFFFD')
  })

  it('returns text with nothing to escape as it came', () => {
    const text = 'Grüße, 世界 🎉 ~{}|'
    assert.equal(escapeHtml(text), text)
    assert.equal(escapeHtml(''), '')
  })

  it('leaves no delimiter in any text, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeHtml(text)
        assert.doesNotMatch(escaped, /[<>"'`\0]/)
        assert.equal(unescape(escaped), text.replaceAll('\0', '\uFFFD'))
      }),
    )
  })
})

function unescape(text: string): string {
  const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' }
  return text.replace(/&([a-z0-9#]+);/g, (_, name: string) => characters[name] ?? assert.fail(`unknown reference ${name}`))
}
