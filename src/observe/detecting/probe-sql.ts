/**
 * Whether a text was written to change a query. Words alone are not enough to be sure: "select a gift from us" is a sentence. Such a text
 * is only a hint, which counts where ten different ones come within a second.
 * Sources: OWASP WSTG-INPV-05 and WSTG-INPV-05.6 (NoSQL), CAPEC-66, CAPEC-676.
 */

/** Each gap is bounded, so that the time is linear in the text. */
const SURE: readonly RegExp[] = [
  /\bunion\s{1,8}(?:all\s{1,8}|distinct\s{1,8})?\(?select\b/,
  /['")]\s{0,8}(?:or|and|\|\||&&|xor|rlike|having)\s{1,8}(?:not\s{1,4})?['"(]{0,3}[\w.@]{1,24}['")]{0,3}\s{0,4}(?:=|<|>|like\b|between\b|is\b|in\b)/,
  /\b(?:and|or)\s{1,8}(?:not\s{1,4})?\(?\d{1,9}\s{0,4}=\s{0,4}\d{1,9}/,
  /\bsleep\s{0,4}\(\s{0,4}\d{1,4}(?:\.\d)?\s{0,4}\)/,
  /\b(?:pg_sleep|benchmark|load_file|extractvalue|updatexml|xp_cmdshell|utl_inaddr|dbms_pipe\.receive_message|randomblob|make_set|elt|exp)\s{0,4}\(\s{0,4}[\w('"~]/,
  /\bwaitfor\s{1,4}delay\b|\bprocedure\s{1,4}analyse\b|\binto\s{1,4}(?:out|dump)file\b/,
  /['")\d]\s{0,4};\s{0,8}(?:drop|delete|insert|update|alter|exec|declare|select|create|shutdown)\b/,
  /\binformation_schema\b|\bsqlite_master\b|\bpg_catalog\b|\bsysobjects\b|\ball_tables\b/,
  /['"]\s{0,4}\)?\s{0,4}(?:--|#)(?:\s|$|[-+])/,
  /\)?\s(?:order|group)\s{1,4}by\s{1,4}\d{1,4}\s{0,4}(?:--|#)/,
  /\bcase\s{1,4}when\s{0,4}\(/,
  /\[\$(?:ne|gt|gte|lt|lte|in|nin|regex|where|exists|or|and|expr)\]/,
]
const HINT = [
  /\b(?:and|or)\s{1,8}\(?\d{1,9}\s{0,4}[<>]\s{0,4}\d{1,9}/,
  /\bselect\b.{1,80}\bfrom\b/,
  /['"]\s{0,4}(?:or|and)\b/,
  /\b(?:drop|alter)\s{1,8}table\b/,
  /['"][)(.,'"]{2}/,
]

/** `sure`, a `hint`, or nothing. */
export function looksLikeSql(text: string): 'sure' | 'hint' | undefined {
  // Comments in place of spaces are how filters of words are passed.
  const plain = text.toLowerCase().replaceAll(/\/\*[^*]{0,40}\*\//g, ' ')
  if (SURE.some((form) => form.test(plain))) return 'sure'
  return HINT.some((form) => form.test(plain)) ? 'hint' : undefined
}
