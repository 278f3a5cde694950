/** Attack A102: values for every context of a page must come out inert, or the template must be refused. */
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
// Under another name, so that no formatter rewrites the templates that are tested.
import { html as page, insecureRawHtml, SafeHtml, type HtmlValue } from './html.ts'

const evil = `</title><script>alert(1)</script>" onload='alert(1)' \`x\` javascript:alert(1)`
const x = 'x'

/** For what the types forbid and JavaScript does not. */
const untyped = (value: any): any => value

const isQuiet = (error: Error): boolean => error instanceof TypeError && !/secret|script/.test(error.message)

const constant = (): SafeHtml => page`<svg viewBox="0 0 1 1"><title>A</title></svg>`

describe('html', () => {
  it('escapes text and quoted attribute values', () => {
    const expected =
      '&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;alert(1)&#39; &#96;x&#96; javascript:alert(1)'
    assert.equal(String(page`<p>${evil}</p>`), `<p>${expected}</p>`)
    assert.equal(String(page`<p title="${evil}" lang='${evil}'>`), `<p title="${expected}" lang='${expected}'>`)
    assert.equal(String(page`<title>${evil}</title>`), `<title>${expected}</title>`)
    assert.equal(String(page`<textarea name="a">${evil}</textarea>`), `<textarea name="a">${expected}</textarea>`)
    assert.equal(String(page`<input data-json="${'{"a":1}'}">`), '<input data-json="{&quot;a&quot;:1}">')
  })

  it('gives nothing for null, undefined and false, and text for numbers and true', () => {
    assert.equal(String(page`${null}|${undefined}|${false}|${0}|${-1.5}|${10n}|${true}|${''}`), '|||0|-1.5|10|true|')
    assert.equal(String(page`<p hidden="${null}" aria-busy="${true}">`), '<p hidden="" aria-busy="true">')
  })

  it('lets its own results and lists of them pass where text stands', () => {
    const items = ['a<', 'b'].map((item) => page`<li>${item}</li>`)
    assert.equal(String(page`<ul>${items}</ul>${[['<', page`<b>`], [null]]}`), '<ul><li>a&lt;</li><li>b</li></ul>&lt;<b>')
  })

  it('takes markup nowhere but where text stands', () => {
    assert.throws(() => page`<p title="${page`<b>`}">`, /markup cannot stand/)
    assert.throws(() => page`<title>${page`<b>`}</title>`, /markup cannot stand/)
    assert.throws(() => page`<a href="${page`/x`}">`, /markup cannot stand/)
    assert.throws(() => page`<p title="${['a']}">`, /a list cannot stand/)
  })

  it('throws TypeError for objects, functions and symbols, without showing them', () => {
    const values: unknown[] = [{ toString: () => '<script>' }, () => '<script>', Symbol('secret'), new Date(0), Object('<b>')]
    for (const value of values) {
      assert.throws(() => page`<p>${untyped(value)}</p>`, isQuiet)
      assert.throws(() => page`<p title="${untyped(value)}"></p>`, isQuiet)
      assert.throws(() => page`<p ${untyped(value)}></p>`, isQuiet)
    }
  })

  it('throws TypeError for a list that contains itself', () => {
    const circle: HtmlValue[] = []
    circle.push(circle)
    assert.throws(() => page`${circle}`, /nested more than/)
  })

  it('refuses to be called like a function', () => {
    const called = untyped(page)
    assert.throws(() => called(['<b>']), /is a tag/)
    assert.throws(() => called(Object.assign(['<b>'], { raw: ['<b>'] })), /is a tag/)
    assert.throws(() => called('<b>'), TypeError)
    assert.throws(() => page`\u{zz}${x}`, /invalid escape/)
  })

  it('returns the same object for a template without values', () => {
    assert.equal(constant(), constant())
  })
})

describe('html refuses a value', () => {
  const refused: Record<string, () => SafeHtml> = {
    'as an element name': () => page`<${x}>`,
    'in an element name': () => page`<h${x}>`,
    'as a closing tag': () => page`</${x}>`,
    'in a closing tag': () => page`<b></b${x}>`,
    'among the attributes of a closing tag': () => page`<b></b ${''}>`,
    'as an attribute name': () => page`<p ${x}="a">`,
    'in an attribute name': () => page`<p data-${x}="a">`,
    'after an attribute without space': () => page`<p a="b"${''}>`,
    'before an attribute without space': () => page`<p ${''}a="b">`,
    'before an equals sign': () => page`<p ${''} ="b">`,
    'in a script of blank type': () => page`<script type=" ">${x}</script>`,
    'as the type of a script': () => page`<script type="${x}">1</script>`,
    'after a script that hides its end': () => page`<script><!--<script></script>${x}</script>`,
    'after a closing tag of another name': () => page`<style></styles>${x}</style>`,
    'in an event handler': () => page`<p onclick="f('${x}')">`,
    'in an event handler, odd case': () => page`<p oNcLiCk="${x}">`,
    'in an event handler after a slash': () => page`<img/onerror="${x}">`,
    'in an event handler, spaced': () => page`<p onclick = "${x}">`,
    'in a bogus comment': () => page`<!x ${x}>`,
    'in a processing instruction': () => page`<?php ${x} ?>`,
    'in a doctype': () => page`<!doctype ${x}>`,
    'in CDATA': () => page`<svg><![CDATA[ ${x} ]]></svg>`,
    'in a style inside svg': () => page`<svg><style></style>${x}</svg>`,
    'in a textarea inside svg': () => page`<svg><textarea>${x}</textarea></svg>`,
    'in srcdoc': () => page`<iframe srcdoc="${x}"></iframe>`,
    'in an iframe': () => page`<iframe>${x}</iframe>`,
    'in xmp': () => page`<xmp>${x}</xmp>`,
    'after text that svg reads as markup': () => page`<svg><desc><title><a title="</title>${x}"></title></desc></svg>`,
    'in a title that svg ends at once': () => page`<svg><title/>${x}</title></svg>`,
    'after text that is markup where the element is passed over': () => page`<select><xmp><a title="</xmp>${x}"></xmp></select>`,
    'after a comment that a style may begin': () => page`<frameset><style><!-- </style><p title="${x}">--></p>`,
    'in an attribute behind the end of a text': () => page`<noscript><p title="</noscript>${x}"></p></noscript>`,
    'in an attribute between two halves of that end': () => page`<noscript><p title="</noscr${x}ipt>"></p></noscript>`,
    'after a script that ends a noscript': () => page`<noscript><script>"</noscript>"</script><p title="${x}"></p></noscript>`,
    'as the characters of a page': () => page`<meta charset="${x}">`,
    'as a list of addresses that are told': () => page`<img attributionsrc="${x}">`,
    'in plaintext': () => page`<plaintext>${x}`,
    'after plaintext, which nothing ends': () => page`<plaintext></plaintext>${x}`,
    'in a meta refresh': () => page`<meta http-equiv="refresh" content="0;url=${x}">`,
    'in a meta refresh, other order': () => page`<meta content="0;url=${x}" http-equiv="refresh">`,
    'as http-equiv': () => page`<meta http-equiv="${x}" content="0">`,
    'as fragment of a meta': () => page`<meta ${page`http-equiv="refresh"`} content="${x}">`,
    'as fragment of a script': () => page`<script ${page`src="/x"`}></script>`,
    'as what an animation changes': () => page`<svg><a><set attributeName="href" to="${x}"/></a></svg>`,
    'as rel of a link': () => page`<link rel="${x}" href="/a">`,
    'between two halves of a closing tag': () => page`<title></ti${''}tle>`,
    'before the name of a closing tag': () => page`<title><${x}></title>`,
    'after a quote in a tag': () => page`<p "${x}">`,
    'after a backtick': () => page`<p title=\`${x}\`>`,
    'after two equals signs': () => page`<p title=="${x}">`,
    'in a scheme': () => page`<a href="java${x}">`,
    'in a scheme behind white space': () => page`<a href=" java${x}">`,
    'after javascript:': () => page`<a href="javascript:f('${x}')">`,
    'after javascript:, in two parts': () => page`<a href=" java${''}script:${x}">`,
    'after a character reference in a scheme': () => page`<a href="javascript&colon;${x}">`,
    'after data:': () => page`<a href="data:text/html,${x}">`,
    'before a colon': () => page`<a href="${x}:alert(1)">`,
    'before a colon by reference': () => page`<a href="${x}&#58;alert(1)">`,
    'before a colon after white space': () => page`<a href="${x}\t:alert(1)">`,
    'next to a value in a scheme': () => page`<a href="${x}${x}">`,
    'as the host of a script': () => page`<script src="https://${x}/a.js"></script>`,
    'as the end of the host of a script': () => page`<script src="https://cdn.example${x}"></script>`,
    'after the first slash of a script': () => page`<script src="/${x}"></script>`,
    'after the first slash of a script, spaced': () => page`<script src=" / ${x}"></script>`,
    'after base and slash of a script': () => page`<script src="${''}/${x}"></script>`,
    'after two slashes of a style sheet': () => page`<link rel="stylesheet" href="//${x}">`,
    'after a backslash of a base': () => page`<base href="\\${x}">`,
  }
  for (const [where, render] of Object.entries(refused)) {
    it(where, () => {
      assert.throws(render, TypeError)
      assert.throws(render, TypeError, 'and the second time')
    })
  }

  it('and a template that ends inside a tag, a comment or a script', () => {
    const cut = [
      () => page`<p`,
      () => page`<p title="a`,
      () => page`<!-- a`,
      () => page`<script>1`,
      () => page`a <`,
      () => page`<title>`,
    ]
    for (const render of cut) assert.throws(render, TypeError)
  })

  it('and says in which line of which file', () => {
    const line = Number(/:(\d+):\d+\)?$/m.exec(new Error('here').stack ?? '')?.[1])
    const render = () => page`<p>${x}</p>
      <p onclick="${x}">`
    const where = new RegExp(`\\[\\S*html\\.test\\.ts:${line + 2}, value 2 of the template that begins at ${line + 1}:\\d+\\]$`)
    assert.throws(render, where)
    assert.throws(render, where, 'and the second time')
    assert.throws(() => page`<p>${x}<p`, /end of the template/)
  })

  it('and says what to do', () => {
    const message =
      /^html: no value may stand inside the tag <p: a value cannot name an attribute; use attributes.*near <p data->/
    assert.throws(() => page`<p data-${x}="a">`, { name: 'TypeError', message })
  })
})

describe('html checks a URL', () => {
  const script = 'javascript:alert(1)'

  it('that begins with a value, in every attribute that holds one', () => {
    assert.equal(String(page`<a href="${script}">`), '<a href="#blocked">')
    assert.equal(String(page`<A HREF='${script}'>`), "<A HREF='#blocked'>")
    assert.equal(String(page`<img src="${script}">`), '<img src="#blocked">')
    assert.equal(String(page`<form action="${script}">`), '<form action="#blocked">')
    assert.equal(String(page`<button formaction=" ${script}">`), '<button formaction=" #blocked">')
    assert.equal(String(page`<svg><a xlink:href="${script}"></a></svg>`), '<svg><a xlink:href="#blocked"></a></svg>')
    assert.equal(String(page`<a href="${script}/x">`), '<a href="#blocked/x">')
  })

  it('and lets relative, http, https, mailto and tel pass, escaped', () => {
    assert.equal(String(page`<a href="${'/a?b=1&c="'}">`), '<a href="/a?b=1&amp;c=&quot;">')
    assert.equal(String(page`<a href="${'mailto:a@example.com'}">`), '<a href="mailto:a@example.com">')
    assert.equal(String(page`<form action="${''}/sign-in">`), '<form action="/sign-in">')
  })

  it('only where literal text has not settled the scheme', () => {
    assert.equal(String(page`<a href="/go?to=${script}#${x}">`), '<a href="/go?to=javascript:alert(1)#x">')
    assert.equal(String(page`<a href="${'/a'}?x=${script}&amp;y=${x}">`), '<a href="/a?x=javascript:alert(1)&amp;y=x">')
    assert.equal(String(page`<a href="otpauth://totp/${x}">`), '<a href="otpauth://totp/x">')
    assert.equal(String(page`<img src="data:image/png;base64,${x}">`), '<img src="data:image/png;base64,x">')
    assert.equal(String(page`<a href="javascript:void(0)" title="${x}">`), '<a href="javascript:void(0)" title="x">')
  })

  it('and lets what loads code only stay at this origin or one in the literal', () => {
    const far = 'https://evil.example/a.js'
    assert.equal(String(page`<script src="${far}"></script>`), '<script src="about:invalid#blocked"></script>')
    assert.equal(
      String(page`<script src="${'//e.example'}/a.js"></script>`),
      '<script src="about:invalid#blocked/a.js"></script>',
    )
    assert.equal(String(page`<script src="${'/base'}/a.js?v=${x}"></script>`), '<script src="/base/a.js?v=x"></script>')
    assert.equal(String(page`<link href="https://cdn.example/${x}">`), '<link href="https://cdn.example/x">')
    assert.equal(String(page`<base href="${'/base'}/">`), '<base href="/base/">')
  })
})

describe('html reads on after', () => {
  it('scripts, styles, comments, plain text and foreign elements', () => {
    const text = page`<!doctype html><!-- a > b --><!--> <style nonce="${x}">p > a { x: "</p>" }</style><script>1 < 2</script
      ><title>a < b ${x}</title><svg/><svg><title>${x}</title></svg><style></style>1 < 2 & 3 ${'<'}<br/><input type=text disabled value="${x}">`
    assert.ok(String(text).endsWith('&lt;<br/><input type=text disabled value="x">'))
  })
})

describe('SafeHtml', () => {
  it('cannot be forged', () => {
    const genuine = page`<b>`
    const Constructor = untyped(genuine.constructor)
    assert.throws(() => new Constructor(Symbol('SafeHtml'), '<script>', false), TypeError)
    assert.throws(() => Reflect.construct(class extends Constructor {}, [Symbol('SafeHtml'), '<script>']), TypeError)
    const forged: unknown[] = [
      Object.create(SafeHtml.prototype),
      Object.setPrototypeOf({ toString: () => '<script>' }, SafeHtml.prototype),
      JSON.parse('{"__proto__": {"text": "<script>"}, "html": "<script>"}'),
      Object.assign({}, genuine),
      structuredClone(genuine),
      new Proxy(genuine, { get: () => () => '<script>' }),
    ]
    for (const value of forged) assert.throws(() => page`${untyped(value)}`, TypeError)
  })

  it('is read from the inside, whatever was put on the object', () => {
    const genuine = page`<b>${x}</b>`
    Object.assign(genuine, { toString: () => '<script>' })
    assert.equal(String(page`${genuine}`), '<b>x</b>')
  })

  it('is minted in this folder only', () => {
    const source = join(import.meta.dirname, '..')
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
    assert.ok(files.includes(join('html', 'safe-html.ts')))
    const elsewhere = files.filter((file) => !file.startsWith(join('html', '/')))
    assert.deepEqual(
      elsewhere.filter((file) => /\/safe-(?:html|types)\.ts/.test(readFileSync(join(source, file), 'utf8'))),
      [],
    )
  })
})

describe('insecureRawHtml', () => {
  it('passes a string with a reason', () => {
    const raw = insecureRawHtml('<b>', 'a constant of this test')
    assert.equal(String(page`<p>${raw}</p>`), '<p><b></p>')
  })

  it('refuses a missing or empty reason and other values', () => {
    assert.throws(() => insecureRawHtml('<b>', 'short'), TypeError)
    assert.throws(() => insecureRawHtml('<b>', ' '.repeat(20)), TypeError)
    assert.throws(() => insecureRawHtml('<b>', untyped(undefined)), TypeError)
    assert.throws(() => insecureRawHtml(untyped({}), 'long enough a reason'), TypeError)
  })
})
