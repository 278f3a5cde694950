/**
 * What one request looks like, at most one thing: so that a scan for files is told as that, and not as browsing too. Ordinary requests are
 * let go by one look for unusual characters. Every expression is linear, and reads a bounded text (CWE-1333).
 */
import { ADMIN_PATH, SENSITIVE_PATH } from './probe-paths.ts'
import { decode, textsOf } from './probe-texts.ts'
import { looksLikeScript } from './probe-script.ts'
import { looksLikeSql } from './probe-sql.ts'
import type { AnswerSignal } from './signal.ts'

export type Claim =
  | { readonly kind: 'traversal' | 'sensitive-file' | 'admin-path' | 'script'; readonly value: string }
  /** `sure`: no sentence of any language reads like it. */
  | { readonly kind: 'sql'; readonly value: string; readonly sure: boolean }

/** Letters, digits and what stands in ordinary addresses: nothing else can be a probe of markup, SQL or a parent folder. */
const PLAIN = /^[\w\-/.?&=+,:@~]*$/
const LONGEST = 2048
const REFUSED = [400, 403, 404, 405]

/** The claim on a request; `null` for an ordinary one. `adminPaths`: beginnings of the application's own. */
export function claimOf(answer: AnswerSignal, adminPaths: readonly string[] = []): Claim | null {
  answer.claim ??= classify(answer, adminPaths)
  return answer.claim
}

function classify(answer: AnswerSignal, adminPaths: readonly string[]): Claim | null {
  const target = answer.target.slice(0, LONGEST)
  const plain = PLAIN.test(target)
  if ((!plain || OUTWARD.test(target)) && isTraversal(target)) return { kind: 'traversal', value: target }
  const path = pathOf(target)
  if (answer.turnedAway || REFUSED.includes(answer.status)) {
    if (SENSITIVE_PATH.test(path)) return { kind: 'sensitive-file', value: path }
    const own = adminPaths.some((begin) => path === begin || path.startsWith(`${begin}/`))
    if (own || ADMIN_PATH.test(path)) return { kind: 'admin-path', value: path }
  }
  for (const text of textsOf(plain && !target.includes('+') ? '' : target, answer.body)) {
    if (looksLikeScript(text)) return { kind: 'script', value: text }
    const sql = looksLikeSql(text)
    if (sql !== undefined) return { kind: 'sql', value: text, sure: sql === 'sure' }
  }
  return null
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/)
  return decode(end === -1 ? target : target.slice(0, end)).toLowerCase()
}

/** A step up in a path, however it is written, or a file that only a step up could reach. Sources: OWASP WSTG-ATHZ-01, CAPEC-126. */
export function isTraversal(target: string): boolean {
  const text = decode(decode(target)).toLowerCase()
  return STEP_UP.test(text) || FILES.some((file) => text.includes(file))
}

/** Without one of these a target of plain characters leads nowhere. */
const OUTWARD = /\.\.|etc\/|proc\/|:\/\/|\.ini\b|system32/i
const STEP_UP = /(?:^|[/\\=?&;:,])\.\.(?:[/\\;]|$)|\.\.\/|\.\.\\|%c0%ae|%u002e/
const FILES = [
  '/etc/passwd',
  '/etc/shadow',
  '/etc/hosts',
  '/proc/self',
  'win.ini',
  'boot.ini',
  'file://',
  'php://',
  '/windows/system32',
]
