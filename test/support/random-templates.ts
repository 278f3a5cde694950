/** Random templates as an author could write them, and as nobody would: § stands for a value, ¤ for a fragment of attributes. */

const NAMES =
  'a p b div svg math mi mtext annotation-xml foreignObject desc title style script textarea xmp iframe noembed noframes noscript plaintext ' +
  'template table tr td caption colgroup select option optgroup form button input img image br li frameset frame body head html meta link ' +
  'base object embed param video source use animate set h1 pre listing rt nobr font isindex keygen summary hr area circle mglyph malignmark'
const ATTRIBUTES =
  'title href HREF src action formaction xlink:href style srcset data-x class lang content poster data cite background value type name alt ' +
  'encoding onclick srcdoc rel to values http-equiv color shadowrootmode is charset'
const TEXTS = [
  "§|§|/a§|a§b|https://a.example/§|x|#§|?a=§|color:§|font:'§'|/§|§/x|&#106;§| §|\t§|§ 1x, /b.png 2x|§§|/a?§&amp;§|application/json",
  'module|1;a:§|§:b|//§|\\§',
].join('|')
const ENDS = 'title style script xmp noscript textarea svg iframe template select noembed noframes'
const INSIDE = `§|p{a:§}|a="§"|1|p{a:'§'}|<a title="|<!-- |<p>|<a href='|<b>§</b>|<!--§-->`
const PIECES = [
  '<!--|-->|<!-->|<!--->|--!>|<!x>|<?x>|</ >|</>|< |<!doctype html>|&lt|&|<![CDATA[|]]>|<p ¤>|<svg><desc>|<svg><foreignObject>|<svg><p>|<math><mi>',
  '<math><annotation-xml encoding="text/html">|<math><annotation-xml>|<svg></p>|<svg><font color=a>|<math><mtext><mglyph>|<select><svg>|<svg></br>',
  '<table><svg>|<template><svg>|\n|x|<script>a=§</script>|<script type=module>`§`</script>|<script TYPE=TEXT/JAVASCRIPT>"§"</script>',
  '<title>§</title>|<textarea>§</textarea>|<script type="application/json">"§"</script>|<script/>§</script>|<style/>p{a:§}</style>|<title/>§</title>',
].join('|')

/** Templates from a seed, one after the other: the same seed, the same templates. */
export function randomTemplates(seed: number): () => string {
  let state = seed
  const below = (count: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % count
  }
  const one = (list: string, by = '|') => {
    const parts = list.split(by)
    return parts[below(parts.length)]!
  }
  const attribute = () => {
    const quote = one(`"|'|`)
    const text = below(4) === 0 ? `</${one(ENDS, ' ')}>§` : one(TEXTS)
    const bare = text.replaceAll(/[\s"'<>=`]/g, '') || '§'
    return one(' | |\n|/| / ') + one(ATTRIBUTES, ' ') + one('=|=| = ') + quote + (quote === '' ? bare : text) + quote
  }
  const tag = () => `<${one(NAMES, ' ')}${Array.from({ length: below(3) }, attribute).join('')}${one('>|>| >|/>| />')}`
  const whole = (name: string) => `<${name}>${one(`${INSIDE}|<a title="</${name}>§">`)}</${name}>`
  const piece = () =>
    [tag, tag, () => `</${one(NAMES, ' ')}>`, () => '§', () => whole(one(ENDS, ' ')), () => one(PIECES)][below(6)]!()
  return () => Array.from({ length: 1 + below(7) }, piece).join('')
}
