/**
 * What a file is by its first bytes, compared with what its sender says it is. A table, not a guess: what is not in it is not taken.
 * Stops pages and programs under the name of a picture (attack A206). Source: WHATWG MIME Sniffing §6, OWASP File Upload Cheat Sheet.
 */
export interface Kind {
  /** The ending under which it is stored, whatever the sender called it. */
  readonly ending: string
  /** Something that holds more than it weighs: its content is measured too. */
  readonly packed?: 'zip' | 'gzip'
  readonly matches: (head: Buffer) => boolean
}

/** So many bytes are looked at. */
export const HEAD_LENGTH = 64

const text = (head: Buffer, start: number, end: number) => head.toString('latin1', start, end)
const begins =
  (...bytes: readonly number[]) =>
  (head: Buffer) =>
    bytes.every((byte, index) => head[index] === byte)
/** ISO base media: the brand stands behind `ftyp` (ISO/IEC 14496-12 §4.3). */
const isBrand = (head: Buffer, brands: RegExp) => text(head, 4, 8) === 'ftyp' && brands.test(text(head, 8, 12))

const KINDS = {
  'image/png': { ending: '.png', matches: begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  'image/jpeg': { ending: '.jpg', matches: begins(0xff, 0xd8, 0xff) },
  'image/gif': { ending: '.gif', matches: (head) => /^GIF8[79]a$/.test(text(head, 0, 6)) },
  'image/webp': { ending: '.webp', matches: (head) => text(head, 0, 4) === 'RIFF' && text(head, 8, 12) === 'WEBP' },
  'image/avif': { ending: '.avif', matches: (head) => isBrand(head, /^avi[fs]$/) },
  'image/svg+xml': { ending: '.svg', matches: (head) => /^\s*<(?:svg|\?xml)[\s>]/.test(text(head, 0, HEAD_LENGTH)) },
  'application/pdf': { ending: '.pdf', matches: (head) => /^%PDF-\d/.test(text(head, 0, 6)) },
  'application/zip': { ending: '.zip', packed: 'zip', matches: begins(0x50, 0x4b, 0x03, 0x04) },
  'application/gzip': { ending: '.gz', packed: 'gzip', matches: begins(0x1f, 0x8b, 0x08) },
  'video/mp4': { ending: '.mp4', matches: (head) => isBrand(head, /^(?:isom|iso[2-9]|mp4[12]|avc1|M4V |dash)$/) },
  'audio/mpeg': { ending: '.mp3', matches: (head) => text(head, 0, 3) === 'ID3' || isMpegAudio(head) },
} as const satisfies Readonly<Record<string, Kind>>

export type FileType = keyof typeof KINDS

/** All types that can be told by their bytes. */
export const FILE_TYPES: readonly string[] = Object.keys(KINDS)

export function kindOf(type: string): Kind | undefined {
  return Object.hasOwn(KINDS, type) ? KINDS[type as FileType] : undefined
}

/** Frame sync, a version and a layer that exist, and a bit rate that is not the forbidden one (ISO/IEC 11172-3 §2.4.2.3). */
function isMpegAudio(head: Buffer): boolean {
  const [first = 0, second = 0, third = 0] = head
  return first === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08 && third >> 4 !== 0x0f
}
