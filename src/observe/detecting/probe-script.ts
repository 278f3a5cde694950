/** Whether a text was written to run as script in somebody's page. Sources: OWASP WSTG-INPV-01, CAPEC-63, OWASP XSS Filter Evasion Cheat Sheet. */

const FORMS: readonly RegExp[] = [
  /<\s{0,4}\/?\s{0,4}script[\s/>]/,
  /<\s{0,4}[a-z][a-z0-9]{0,12}[\s/][^<>]{0,200}\bon[a-z]{3,24}\s{0,4}=/,
  /["'][\s/]{1,8}on[a-z]{3,24}\s{0,4}=/,
  /<\s{0,4}(?:svg|iframe|object|embed|math|base|meta)[\s/>]/,
  /(?:javascript|vbscript)\s{0,4}:\s{0,4}[\w(/%]{1,40}[(`]/,
  /\b(?:alert|prompt|confirm|eval)\s{0,2}[(`]\s{0,4}[\w'"`/]|document\.(?:cookie|domain|location)|string\.fromcharcode\s{0,2}\(/,
]

export function looksLikeScript(text: string): boolean {
  if (!/[<>"'`(:]/.test(text)) return false
  const plain = text.toLowerCase()
  return FORMS.some((form) => form.test(plain))
}
