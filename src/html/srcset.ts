/**
 * Lists of images with their sizes (`srcset`, `imagesrcset`): each address is checked by itself.
 *
 * Stops a value from adding an address that was not checked, or from taking the scheme of one.
 *
 * Source: HTML, "Parsing a srcset attribute".
 */
import { blockedUrl, isSafeUrl, judgeUrlPrefix } from './url.ts'

export type SrcsetPlace = 'srcset' | 'srcset-part' | 'srcset-descriptor' | { readonly refused: string }

/** Stand for a value in the text of the attribute: a list of candidates, a part of an address, a descriptor. */
export const SRCSET_MARKS = { srcset: '\uE001', 'srcset-part': '\uE002', 'srcset-descriptor': '\uE003' } as const

/** `written` is the attribute so far, earlier values as marks. */
export function placeInSrcset(written: string): SrcsetPlace {
  if (hasBadEnd(`${written} `)) return { refused: 'leave white space after an address that is a value' }
  const candidate = written.slice(written.lastIndexOf(',') + 1).replace(/^[ \t\n\r\f]+/, '')
  if (candidate === '') return 'srcset'
  if (/[ \t\n\r\f]/.test(candidate)) return 'srcset-descriptor'
  if (candidate.startsWith(SRCSET_MARKS.srcset)) return { refused: 'leave white space after an address that is a value' }
  const settled = judgeUrlPrefix(candidate, false) === 'settled'
  return settled
    ? 'srcset-part'
    : { refused: 'begin the address with the value, or settle its scheme with literal text such as /' }
}

/** True when something stands right behind a value that is an address: it could make another scheme of it. */
export function hasBadEnd(written: string): boolean {
  return /\uE001[^ \t\n\r\f,]/.test(written)
}

/** The candidates of a list whose addresses are harmless; others lead nowhere. */
export function srcsetText(text: string): string {
  const candidates = text.trim() === '' ? [] : text.trim().split(/,\s+|,$/)
  return candidates
    .filter((candidate) => candidate !== '')
    .map((candidate) => {
      const [url = '', ...descriptors] = candidate.trim().split(/[ \t\n\r\f]+/)
      // A comma inside of an address separates nothing for a browser; written as %2C it cannot at its end either.
      const harmless = isSafeUrl(url) ? srcsetPart(url) : blockedUrl
      return [harmless, ...descriptors.map(descriptorText)].join(' ')
    })
    .join(', ')
}

/** Text for the inside of an address in a list: without what would end the address. */
export function srcsetPart(text: string): string {
  return text.replaceAll(/[\0-\x20,]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
}

/** A size or a density; anything else becomes one that is ignored. */
export function descriptorText(text: string): string {
  return /^\d{1,6}(?:\.\d{1,4})?[wxh]?$/.test(text) ? text : '0'
}
