/**
 * A QR code as an SVG of our own: one path, black on white whatever the colours of the page, because cameras want it so. It needs no
 * script, no image from elsewhere and no inline style. Source: ISO/IEC 18004 (a quiet zone of four modules).
 */
import { encode } from 'uqr'
import { html, type SafeHtml } from '../html/html.ts'

const QUIET = 4
/** Of the text: more makes modules that a telephone at arm's length does not tell apart. */
const LONGEST = 500

/** Returns the picture; `label` says what it is to those who cannot see it. Throws RangeError for more than 500 bytes of text. */
export function qrCode(text: string, label: string): SafeHtml {
  const length = Buffer.byteLength(text)
  if (length > LONGEST) throw new RangeError(`A QR code here holds at most ${LONGEST} bytes, got ${length}.`)
  const { data, size } = encode(text, { ecc: 'L', border: QUIET })
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" width="220" height="220" role="img" aria-label="${label}">
    <rect width="${size}" height="${size}" fill="#fff" />
    <path d="${pathOf(data)}" fill="#000" shape-rendering="crispEdges" />
  </svg>`
}

/** Each run of dark modules in a row as one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = ''
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue
      const start = x
      while (row[x + 1] === true) x++
      path += `M${start} ${y}h${x - start + 1}v1h-${x - start + 1}z`
    }
  }
  return path
}
