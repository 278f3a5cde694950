/** Cutting PEM text into its blocks. Source: RFC 7468. */

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** The certificates of a PEM text in their order, each with its frame. What is between them (a key, comments) is left out. */
export function certificateBlocks(text: string): string[] {
  const blocks: string[] = []
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at + 1)) {
    const end = text.indexOf(END, at)
    if (end < 0) break
    blocks.push(`${text.slice(at, end + END.length)}\n`)
    at = end
  }
  return blocks
}
