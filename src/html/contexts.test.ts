/** Attack A102: what a value may be in styles, scripts, lists of images, unquoted attributes and comments. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import vm from 'node:vm'
import fc from 'fast-check'
import { isCssValue } from './css.ts'
import { html as page, insecureRawScript, insecureRawUrl, json, SafeScript, safeUrl, SafeUrl, type HtmlValue } from './html.ts'
import { scan } from './scan.ts'

const x = 'x'
/** For what the types forbid and JavaScript does not. */
const untyped = (value: any): any => value

const text = (value: unknown): string => String(value)

describe('an unquoted attribute', () => {
  it('is written with quotes, so that a space does not end it', () => {
    const evil = 'a onmouseover=alert(1) "b"'
    const expected = 'a onmouseover=alert(1) &quot;b&quot;'
    assert.equal(text(page`<p title=${evil}>`), `<p title="${expected}">`)
    assert.equal(text(page`<p title= ${evil} lang=en>`), `<p title= "${expected}" lang=en>`)
    assert.equal(text(page`<a href=/notes/${'1 2'}/edit class=${x}>`), '<a href="/notes/1 2/edit" class="x">')
    assert.equal(text(page`<p title=${''}>`), '<p title="">')
    assert.equal(text(page`<a href=${'javascript:alert(1)'}>`), '<a href="#blocked">')
  })

  it('is refused where the end could be read in two ways', () => {
    assert.throws(() => page`<input value=${x}/>`, /leave white space/)
    assert.throws(() => page`<a href=${x}:b>`, /changes where it leads/)
    assert.throws(() => page`<p title=${x}"b">`, /in quotes/)
    assert.throws(() => page`<p onclick=${x}>`, /event handler/)
  })
})

describe('a comment', () => {
  it('is left out, and so are its values', () => {
    assert.equal(text(page`a<!-- b ${'-->'} c --${x}> -->d<!-->e<!--->f<!-- --!>g`), 'adefg')
  })

  it('cannot make a tag of what stands around it', () => {
    assert.throws(() => page`<<!-- -->script>alert(1)</script>`, /&lt;/)
    assert.throws(() => page`<scr<!-- -->ipt>`, TypeError)
    assert.throws(() => page`<!-- ${x}`, /inside a comment/)
  })
})

describe('a list of images', () => {
  it('is checked address by address', () => {
    const list = '/a.png 1x, javascript:alert(1) 2x, //b.example/c.png 300w'
    assert.equal(text(page`<img srcset="${list}">`), '<img srcset="/a.png 1x, #blocked 2x, //b.example/c.png 300w">')
    assert.equal(text(page`<img srcset="${'/a.png onerror=alert(1)'}">`), '<img srcset="/a.png 0">')
    assert.equal(text(page`<link imagesrcset='${'/a,b'}'>`), "<link imagesrcset='/a%2Cb'>")
  })

  it('may be written in parts', () => {
    const parts = page`<img srcset="${'/a.png'} 1x, /b/${'c, evil 1x'}.png ${2}x, ${'data:text/html,x'} ${'9"'}w">`
    assert.equal(text(parts), '<img srcset="/a.png 1x, /b/c%2C%20evil%201x.png 2x, #blocked 0w">')
    assert.throws(() => page`<img srcset="${'javascript'}:alert(1) 2x">`, TypeError)
    assert.throws(() => page`<img srcset="${x}${x}">`, TypeError)
    assert.throws(() => page`<img srcset="javascript:${x}">`, TypeError)
    assert.throws(() => page`<img srcset="a${x}">`, TypeError)
  })
})

describe('a value of a style', () => {
  it('is one of a few kinds of token', () => {
    for (const value of [
      'red',
      '#fff',
      '1.5em',
      '-2px',
      '50%',
      '1px solid rgb(0 0 0 / 50%)',
      'calc(1px + 2 * 3%)',
      'var(--a-b)',
    ]) {
      assert.equal(text(page`<p style="color: red; margin: ${value}">`), `<p style="color: red; margin: ${value}">`)
      assert.ok(isCssValue(`${value}, ${value} !important`), value)
    }
  })

  it('becomes a marker otherwise', () => {
    const evil = [
      'red;background:url(//e)',
      'url(//e)',
      'expression(1)',
      '}',
      '/**/',
      '\\75rl(//e)',
      '"',
      "'",
      '@import',
      'a:b',
      '<',
      ')',
    ]
    for (const value of [...evil, 'rgb(', 'attr(x)', 'image-set("//e")', '*/', 'é', '\0', '--', '1-', ' '.repeat(1001)]) {
      assert.equal(text(page`<p style="color: ${value}">`), '<p style="color: blocked-value">', value)
      assert.equal(
        text(page`<style>p { color: ${value} }</style>`),
        '<style\0>p { color: blocked-value }</style>'.replace('\0', ''),
      )
    }
  })

  it('may be the content of a string', () => {
    const quoted = page`<style>p::before { content: "${'"}</style>é\n'}" }</style>`
    assert.equal(text(quoted), String.raw`<style>p::before { content: "\22 \7d \3c \2f style\3e \e9 \a " }</style>`)
  })

  const refused: Record<string, () => unknown> = {
    'as a declaration': () => page`<p style="${x}">`,
    'as a property': () => page`<p style="${x}: red">`,
    'after a semicolon': () => page`<p style="color: red; ${x}">`,
    'as an address': () => page`<p style="background: url(${x})">`,
    'as a quoted address': () => page`<p style='background: url("${x}")'>`,
    'after an address with quotes': () => page`<style>p { background: url(")"); color: ${x} }</style>`,
    'as a string inside a function': () => page`<style>p { background: image-set("${x}" 1x) }</style>`,
    'as a selector': () => page`<style>${x} { color: red }</style>`,
    'as a selector in its value': () => page`<style>a[href^="${x}"] { color: red }</style>`,
    'as an import': () => page`<style>@import "${x}";</style>`,
    'in a comment': () => page`<style>p { color: /* ${x} */ red }</style>`,
    'after a backslash': () => page`<style>p { color: \\${x} }</style>`,
    'after a string that does not end': () => page`<style>p { content: "
      ; color: ${x} }</style>`,
    'as the name of a function': () => page`<p style="background: ${'url'}(//evil.example)">`,
    'after a character reference': () => page`<p style="a: b&#59; color: ${x}">`,
    'between two halves of a closing tag': () => page`<style>p { color: red </sty${x}le></style>`,
    'with markup': () => page`<p style="color: ${page`<b>`}">`,
  }
  for (const [where, render] of Object.entries(refused)) it(`is refused ${where}`, () => assert.throws(render, TypeError))
})

describe('a value in a script', () => {
  const evil = '</script><!--\'"`${alert(1)}\\\u2028\u2029&amp;\n'

  it('is data: an expression, a string, a template literal or JSON', () => {
    const script = text(page`<script>
      const a = ${evil}, b = "${evil}", c = '${evil}', d = \`<p>\${1 + ${2}} ${evil}\`
      const [e, f] = [${['x', null, 3, true, undefined]}, -${-1}] // a 'comment'
      const g = 4 /2/ ${2}, k = (${6} / 2) + ${1}, h = /['"\`]/.test(${'a'}), i = ${json({ a: '</script>', ['__proto__']: { b: 1 } })}
      result = [a, b, c, d, e, f, g, h, i.a, i.b === undefined]
    </script>`)
    assert.equal(script.match(/<\/script/g)?.length, 1)
    assert.ok(!script.includes('<!--'))
    const context: { result?: unknown } = {}
    vm.runInNewContext(script.replace('<script>', '').replace('</script>', ''), context)
    assert.ok(text(page`<script>a = [...typeof /"/, ${x}]</script>`).endsWith('/"/, "x"]</script>'))
    const expected = [evil, evil, evil, `<p>3 ${evil}`, ['x', null, 3, true, null], 1, 1, false, '</script>']
    assert.equal(JSON.stringify(context.result), JSON.stringify([...expected, true]))
  })

  it('is JSON in a data block', () => {
    const island = text(page`<script type="application/json">{"a": ${json({ evil })}, "b": "${evil}", "c": ${null}}</script>`)
    assert.equal(island.match(/</g)?.length, 2)
    const data: unknown = JSON.parse(island.slice(island.indexOf('>') + 1, island.lastIndexOf('<')))
    assert.deepEqual(data, { a: { evil }, b: evil, c: null })
  })

  it('comes out of JSON.parse and of a script as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, string) => {
        const island = text(page`<script type="application/ld+json">[${json(value)},"${string}"]</script>`)
        const inside = island.slice(island.indexOf('>') + 1, -'</script>'.length)
        assert.doesNotMatch(inside, /[<>&]/)
        assert.deepEqual(JSON.parse(inside), JSON.parse(JSON.stringify([value, string])))
      }),
    )
  })

  const refused: Record<string, () => unknown> = {
    'in a comment': () => page`<script>/* ${x} */</script>`,
    'in a comment of a line': () => page`<script>// ${x}</script>`,
    'in a regular expression': () => page`<script>a = /${x}/</script>`,
    'in a class of a regular expression': () => page`<script>a = /[/${x}]/</script>`,
    'after a / that may be two things': () => page`<script>if (a) /b'/; c = ${x}</script>`,
    'after a / behind an object that may be a block': () => page`<script>${json({})} /"/; a = ${x}</script>`,
    'after a / in a new line behind an object': () => page`<script>a
      ${json({})} /"/; a = ${x}</script>`,
    'after a / where a line ended, and a statement perhaps': () => page`<script>let a
      /"/.test(b); c = ${x}</script>`,
    'after a / where a comment had the end of the line': () => page`<script>let a /*
      */ /"/.test(b); c = ${x}</script>`,
    'after a / behind an object that return does not reach': () => page`<script>return
      ${json({})} /"/; a = ${x}</script>`,
    'after a / behind extends': () => page`<script>class A extends /"/.constructor { a = ${x} }</script>`,
    'after a / behind default': () => page`<script type="module">export default /"/.test(${x})</script>`,
    'as a module that is imported': () => page`<script type="module">import "${x}"</script>`,
    'as a module that names come from': () => page`<script type="module">import { a } from '/a/${x}.js'</script>`,
    'as a module that is exported again': () => page`<script type="module">export * from ${x}</script>`,
    'as a module that is loaded later': () => page`<script>import(\`/a/${x}.js\`)</script>`,
    'as an expression that names a module': () => page`<script>const a = await import(${x})</script>`,
    'after a backslash': () => page`<script>a = "\\${x}"</script>`,
    'after a dollar': () => page`<script>a = \`$${x}{alert(1)}\`</script>`,
    'between two halves of a closing tag': () => page`<script>a = "</scr${x}ipt>"</script>`,
    'after a <': () => page`<script>a = "<${x}!--"</script>`,
    'after -->': () => page`<script>
      --> "
      a = ${x}</script>`,
    'in an import map': () => page`<script type="importmap">{"imports": {"a": ${x}}}</script>`,
    'in a script of another type': () => page`<script type="text/template">${x}</script>`,
    'as markup': () => page`<script>a = ${page`<b>`}</script>`,
    'as a function': () => page`<script>a = ${untyped(() => 1)}</script>`,
    'as an object in a string': () => page`<script>a = "${untyped({})}"</script>`,
    'inside svg': () => page`<svg><script>a = ${x}</script></svg>`,
  }
  for (const [where, render] of Object.entries(refused)) it(`is refused ${where}`, () => assert.throws(render, TypeError))
})

describe('SafeUrl and SafeScript', () => {
  it('stand where their kind does', () => {
    const elsewhere = insecureRawUrl('blob:https://a.example/1', 'made by this page itself')
    assert.equal(text(page`<a href="${elsewhere}">`), '<a href="blob:https://a.example/1">')
    assert.equal(text(page`<script src="${elsewhere}"></script>`), '<script src="blob:https://a.example/1"></script>')
    const checked = safeUrl('https://a.example/"')
    assert.equal(
      text(page`<a href="${checked}">${checked}</a>`),
      '<a href="https://a.example/&quot;">https://a.example/&quot;</a>',
    )
    assert.equal(text(page`<script src="${checked}"></script>`), '<script src="about:invalid#blocked"></script>')
    assert.equal(safeUrl('javascript:alert(1)'), undefined)
    const code = insecureRawScript('() => 1', 'a constant of this test')
    assert.equal(text(page`<script>f = ${code}</script>`), '<script>f =  () => 1 </script>')
    assert.throws(() => page`<p>${code}</p>`, TypeError)
    assert.throws(() => insecureRawScript('"</script>"', 'a constant of this test'), TypeError)
    assert.throws(() => insecureRawUrl('x', 'short'), TypeError)
  })

  it('cannot be forged', () => {
    for (const Kind of [SafeUrl, SafeScript]) {
      const Constructor = untyped(Kind)
      assert.throws(() => new Constructor(Symbol('safe'), 'javascript:alert(1)', true), TypeError)
      const forged: unknown[] = [
        Object.create(Kind.prototype),
        Object.setPrototypeOf({ toString: () => 'alert(1)' }, Kind.prototype),
        structuredClone(Kind === SafeUrl ? safeUrl('/') : json('x')),
      ]
      for (const value of forged) assert.throws(() => page`<a href="${untyped(value)}">`, TypeError)
      for (const value of forged) assert.doesNotMatch(text(page`<script>a = ${untyped(value)}</script>`), /alert|javascript/)
    }
  })
})

describe('the reader of templates', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<p ',
      '<script>',
      '</script>',
      '<style>',
      '<!--',
      '-->',
      'style="',
      'srcset=',
      '`',
      '${',
      '}',
      '/',
      '\\',
      '"',
      "'",
    ),
    fc.constantFrom('<a href=', '=', '>', '<', '/*', '*/', 'url(', ')', ';', ':', '{', '\n', ' ', 'x', '&', '<svg>', '\0', '//'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  const literal = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''))
  const runs = process.env['HOLDFAST_TEST_LONG'] === '1' ? 1_000_000 : 3000

  it('takes any template or refuses it with TypeError, and always ends', () => {
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), (literals) => {
        try {
          assert.equal(scan(literals).places.length, literals.length - 1)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
        }
      }),
      { numRuns: runs },
    )
  })

  it('reads a template of a megabyte in one pass', () => {
    for (const part of ['<p a=b>', '<script>/x/ "a" `${1}`</script>', '<style>a{b:c}</style>', '<!--', '<p style="a:b">', '`']) {
      const literals = [`${part.repeat(150_000)}<p>`, '']
      try {
        scan(literals)
      } catch (error) {
        assert.ok(error instanceof TypeError)
      }
    }
  })

  it('takes a list of values only where it should', () => {
    const list: HtmlValue = ['a', 'b']
    assert.throws(() => page`<p style="color: ${list}">`, TypeError)
    assert.throws(() => page`<img srcset="${list}">`, TypeError)
  })
})
