/** Every letter there is, with facts of somebody who means harm. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letters, type LetterName } from './index.ts'
import { renderLetter } from './render.ts'

const SETTING = { brand: 'Acme & <Sons>', origin: 'https://app.example' }
const LINK = 'https://app.example/page?token=abc&next=1'
const HOSTILE = 'Eve</p>\r\n<script>alert(1)</script>"\'><img src=x>\nBcc: c@d.example http://evil.example/a evil.example'

const names = Object.keys(letters) as LetterName[]

/** The facts that a letter asks for, found by asking it. */
function factsOf(name: LetterName): readonly string[] {
  const asked = new Set<string>()
  const facts = new Proxy<Record<string, string>>({}, { get: (_, key) => (asked.add(String(key)), 'x') })
  for (const part of ['text', 'html'] as const) letters[name][part](facts as never, SETTING)
  return [...asked]
}

/** Whether a fact is the address of a page: such a fact stands in an `href`. */
function isLink(name: LetterName, fact: string): boolean {
  const facts = new Proxy<Record<string, string>>({}, { get: (_, key) => (key === fact ? 'https://mark.example/' : 'x') })
  return letters[name]
    .html(facts as never, SETTING)
    .toString()
    .includes('href="https://mark.example/')
}

function render(name: LetterName, text: string) {
  const data = Object.fromEntries(factsOf(name).map((fact) => [fact, isLink(name, fact) ? LINK : text]))
  return { data, ...renderLetter({ letter: name, data }, SETTING) }
}

describe('every letter', () => {
  for (const name of names) {
    describe(name, () => {
      it('has a subject of one line, of ours alone (CVE-2022-31127)', () => {
        const { subject } = render(name, HOSTILE)
        assert.ok(subject.length > 5 && subject.length < 150)
        assert.doesNotMatch(subject, /\p{Cc}|Eve/u)
        assert.ok(subject.includes(SETTING.brand))
      })

      it('escapes every fact in HTML, and lets none make a line, a header or a link of its own (L108)', () => {
        const { html, text } = render(name, HOSTILE)
        const calm = render(name, 'Ada')
        const tags = (page: string) => [...page.matchAll(/<\/?[a-z][^>]*>/gi)].map(([tag]) => tag)
        assert.deepEqual(tags(html), tags(calm.html))
        assert.equal(text.split('\n').length, calm.text.split('\n').length)
        for (const part of [html, text]) assert.doesNotMatch(part, /http:\/\/evil|evil\.example|^Bcc:/m)
      })

      it('says everything in text: each fact that is in the HTML, links written out', () => {
        const { data, text, html } = render(name, 'Fact7')
        // A code may be written in groups.
        const solid = text.replaceAll(' ', '')
        for (const [fact, value] of Object.entries(data)) assert.ok(solid.includes(value), `${fact} is in the text`)
        for (const [, address] of html.matchAll(/href="([^"]*)"/g)) assert.ok(text.includes(address!.replaceAll('&amp;', '&')))
        assert.ok(text.endsWith('\n'))
        assert.doesNotMatch(text.replaceAll(SETTING.brand, ''), /<[a-z/]/i)
      })

      it('leads to the configured origin alone (L86)', () => {
        const { html, text } = render(name, HOSTILE)
        const addresses = [...html.matchAll(/(?:href|src|action|background)="([^"]*)"/g)].map(([, address]) => address!)
        for (const address of [...addresses, ...(text.match(/https?:\/\/\S+(?<![.,])/g) ?? [])])
          assert.ok(address === SETTING.origin || address.startsWith(`${SETTING.origin}/`), address)
        if (factsOf(name).includes('link')) {
          const link = (to: string) => renderLetter({ letter: name, data: { ...render(name, 'x').data, link: to } }, SETTING)
          for (const to of [
            'https://evil.example/',
            'https://app.example.evil.example/',
            'https://app.example@evil.example/',
            '/x',
            `${LINK} x`,
          ])
            assert.throws(() => link(to), /begin with the origin/, to)
        }
      })

      it('loads nothing and follows nobody: no picture, no script, no address of anybody else', () => {
        const { html } = render(name, 'Ada')
        assert.doesNotMatch(html, /<(?:img|script|link|iframe|object|embed|form|input|video|audio)\b|@import|url\(|\son\w+=/i)
      })

      it('has a language, a title and a heading, and colours for the dark', () => {
        const { html } = render(name, 'Ada')
        assert.match(html, /<html lang="en">/)
        assert.match(html, /<title>[^<]+<\/title>/)
        assert.equal(html.match(/<h1\b/g)?.length, 1)
        assert.match(html, /prefers-color-scheme: dark/)
        assert.ok(html.includes('Acme &amp; &lt;Sons&gt;'), 'the brand is escaped')
      })
    })
  }

  it('is one of the list', () => {
    for (const name of ['unknown', 'toString', '__proto__'])
      assert.throws(() => renderLetter({ letter: name as LetterName, data: {} }, SETTING), /There is no letter/)
  })
})

describe('a fact', () => {
  const inviter = (name: string) => {
    const { text } = renderLetter({ letter: 'invitation', data: { link: LINK, inviter: name, days: '7' } }, SETTING)
    return text.slice(0, text.indexOf(' invited you'))
  }

  it('is shown as it is when it is harmless', () => {
    for (const name of ['Ada Lovelace', 'J. R. Smith', 'Jean-Luc', '李雷', '192.0.2.7', "O'Neil", '2001:db8::1'])
      assert.equal(inviter(name), name)
  })

  it('is cut and kept to one line', () => {
    assert.equal(inviter('a\r\n\u2028\u202E b'), 'a b')
    assert.ok(inviter('x'.repeat(10_000)).length < 300)
  })
})
