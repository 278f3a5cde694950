/**
 * The subject alternative names of a certificate, one by one. Node writes them as one text, in which a name that could be mistaken for
 * two is quoted (CVE-2021-44532); what cannot be read whole has no names. Source: RFC 5280 section 4.2.1.6.
 */
import type { X509Certificate } from 'node:crypto'

export interface AltName {
  readonly type: 'DNS' | 'IP Address' | 'URI' | 'email' | (string & {})
  readonly value: string
}

const ENTRY = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y

export function altNames({ subjectAltName: text = '' }: Pick<X509Certificate, 'subjectAltName'>): readonly AltName[] {
  const names: AltName[] = []
  for (let at = 0; at < text.length; at = ENTRY.lastIndex) {
    ENTRY.lastIndex = at
    const entry = ENTRY.exec(text)
    if (entry === null) return []
    const value = unquote(entry[2]!)
    if (value === undefined) return []
    names.push({ type: entry[1]!, value })
  }
  return names
}

function unquote(text: string): string | undefined {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return undefined
  }
}
