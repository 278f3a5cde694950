/** The texts of a request that a probe could stand in: bounded in number and length, decoded once. */

const MOST_TEXTS = 24
const LONGEST = 1000
const DEPTH = 3
/** Without one of these no text is markup or breaks out of a statement; words alone are looked at for SQL. */
const UNUSUAL = /['"<>`;()$\\]|--|\/\*|\bunion\b|\bselect\b|\bsleep\b|\band\b|\bor\b|javascript:/i

/** Values of the query and strings of the body, those alone that could be anything. */
export function textsOf(target: string, body: unknown): string[] {
  const texts: string[] = []
  if (target !== '') add(texts, decode(target.replaceAll('+', ' ')))
  collect(texts, body, DEPTH)
  return texts
}

function collect(texts: string[], value: unknown, depth: number): void {
  if (texts.length >= MOST_TEXTS || depth < 0) return
  if (typeof value === 'string') return add(texts, value)
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return
  let seen = 0
  for (const key in value) {
    if (seen++ >= MOST_TEXTS) return
    if (key.startsWith('$')) add(texts, `[${key}]`)
    collect(texts, (value as Record<string, unknown>)[key], depth - 1)
  }
}

function add(texts: string[], text: string): void {
  const part = text.slice(0, LONGEST)
  if (texts.length < MOST_TEXTS && UNUSUAL.test(part)) texts.push(part)
}

/** Percent-decoded as far as it can be: what cannot stays as it is. */
export function decode(text: string): string {
  if (!text.includes('%')) return text
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
    try {
      return decodeURIComponent(escaped)
    } catch {
      return escaped
    }
  })
}
