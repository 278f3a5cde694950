/**
 * The little of DER that is needed to find an extension in a certificate, which Node does not give. Reads only; what is malformed is
 * not there. Source: X.690 (DER), RFC 5280 section 4.1.
 */

interface Element {
  readonly tag: number
  readonly value: Buffer
  /** What stands after it. */
  readonly rest: Buffer
}

const BOOLEAN = 0x01
const OBJECT_IDENTIFIER = 0x06
const EXTENSIONS = 0xa3
const KEY_IDENTIFIER = 0x80
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35'

/** The value of an extension (the contents of its OCTET STRING), by its object identifier; `undefined` when it has none. */
export function extensionOf(certificate: Buffer, oid: string): Buffer | undefined {
  const fields = childrenOf(read(certificate)?.value)[0]
  const extensions = childrenOf(fields?.value).find(({ tag }) => tag === EXTENSIONS)
  const wanted = oidBytes(oid)
  for (const extension of childrenOf(read(extensions?.value)?.value)) {
    const [id, ...more] = childrenOf(extension.value)
    if (id?.tag === OBJECT_IDENTIFIER && id.value.equals(wanted)) return more.find(({ tag }) => tag !== BOOLEAN)?.value
  }
  return undefined
}

/** The key identifier of whoever issued it (RFC 5280 section 4.2.1.1). */
export function authorityKeyId(certificate: Buffer): Buffer | undefined {
  const value = read(extensionOf(certificate, AUTHORITY_KEY_IDENTIFIER))?.value
  return childrenOf(value).find(({ tag }) => tag === KEY_IDENTIFIER)?.value
}

function childrenOf(bytes: Buffer | undefined): Element[] {
  const found: Element[] = []
  for (let element = read(bytes); element !== undefined; element = read(element.rest)) found.push(element)
  return found
}

/** The first element; `undefined` at the end, or when it is longer than what is there. */
function read(bytes: Buffer | undefined): Element | undefined {
  if (bytes === undefined || bytes.length < 2) return undefined
  const [tag, short] = [bytes[0]!, bytes[1]!]
  const more = short < 0x80 ? 0 : short & 0x7f
  if (more > 4 || bytes.length < 2 + more || short === 0x80) return undefined
  const length = more === 0 ? short : bytes.readUIntBE(2, more)
  const end = 2 + more + length
  return end > bytes.length ? undefined : { tag, value: bytes.subarray(2 + more, end), rest: bytes.subarray(end) }
}

function oidBytes(oid: string): Buffer {
  const [first = 0, second = 0, ...others] = oid.split('.').map(Number)
  return Buffer.from([first * 40 + second, ...others.flatMap(base128)])
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80)
  return bytes
}
