/**
 * What a value may do in an attribute, by the names of the element and the attribute.
 *
 * Stops values where a quoted, escaped string still is a program: event handlers, documents and lists of URLs inside an attribute,
 * and the attributes that change what an element is.
 *
 * Source: HTML, "Attributes" index (which hold URLs, scripts, CSS); OWASP XSS Prevention Cheat Sheet, "Dangerous contexts".
 */

/**
 * `value`: escaping is enough. `url`: the scheme is checked when it comes from a value. `code-url`: it loads code or a document,
 * so it must stay at this origin or at one the literal names. `srcset`: a list of URLs. `css`: declarations. Otherwise why a value is refused.
 */
export type AttributeRule = 'value' | 'url' | 'code-url' | 'srcset' | 'css' | { readonly refused: string }

const urlAttributes: ReadonlySet<string> = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'xlink:href',
  'poster',
  'cite',
  'data',
  'background',
  'longdesc',
  'manifest',
  'codebase',
  'classid',
  'archive',
  'icon',
  'lowsrc',
  'dynsrc',
  'profile',
  'usemap',
])

const refusedAttributes: ReadonlyMap<string, string> = new Map([
  ['srcdoc', 'it is a whole document'],
  ['ping', 'it is a list of URLs'],
  ['attributionsrc', 'it is a list of URLs'],
  ['charset', 'it decides which characters the bytes are'],
  ['http-equiv', 'it acts like a response header'],
  ['sandbox', 'a value could lift the restriction'],
  ['attributename', 'it names another attribute to change'],
])

const codeElements: ReadonlySet<string> = new Set([
  'script',
  'link',
  'base',
  'iframe',
  'frame',
  'object',
  'embed',
  'applet',
  'portal',
  'fencedframe',
])
const animations: ReadonlySet<string> = new Set(['animate', 'animatemotion', 'animatetransform', 'set', 'discard'])

/** The rule for `attribute` of `element`, both in lower case; an unknown element gets the rule that holds for all. */
export function attributeRule(element: string, attribute: string): AttributeRule {
  if (attribute.startsWith('on')) return { refused: 'it is an event handler, so its text runs as script' }
  const why = refusedAttributes.get(attribute)
  if (why !== undefined) return { refused: why }
  if (animations.has(element)) return { refused: 'the element can animate a link into javascript:' }
  if (element === 'script' && attribute === 'type') return { refused: 'it decides whether the text runs' }
  if (element === 'link' && attribute === 'rel') return { refused: 'it decides whether the target is a style sheet' }
  if (attribute === 'style') return 'css'
  if (attribute === 'srcset' || attribute === 'imagesrcset') return 'srcset'
  if (!urlAttributes.has(attribute)) return 'value'
  return codeElements.has(element) ? 'code-url' : 'url'
}

/** True when a fragment of attributes may stand in the tag of `element`; false where one attribute decides what another one means. */
export function takesFragments(element: string): boolean {
  return !codeElements.has(element) && !animations.has(element) && element !== 'meta'
}

/** True when `name` may be the name of an attribute: a letter, then letters, digits, `-`, `_`, `:` and `.`; at most 64. */
export function isAttributeName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_:.-]{0,63}$/.test(name)
}

/** Elements whose content is not markup; a value may stand in a script and a style, read by their own rules. */
export const rawElements: ReadonlySet<string> = new Set(['script', 'style', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext'])

/** Elements whose content is text with character references but without tags: escaping is enough, markup has no meaning. */
export const textElements: ReadonlySet<string> = new Set(['textarea', 'title'])

/** Elements inside which the browser reads `style` and `script` as ordinary markup. */
export const foreignElements: ReadonlySet<string> = new Set(['svg', 'math'])
