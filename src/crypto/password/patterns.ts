/**
 * How much of a text is more than a pattern: repeats, sequences, keyboard walks and the commonest words cost a guesser next to
 * nothing, however many characters they have. Computed, not looked up: lists of leaked passwords hold few of 15 characters, and
 * those few are made in these ways. Source: NIST SP 800-63B-4 section 3.1.1.2 (blocklist: dictionary words, repetitive or sequential characters).
 */

/** The commonest parts of leaked passwords, lower case, at least 4 characters. */
const COMMON_WORDS = (
  'password passwort passwd passphrase secret letmein welcome admin administrator login root user guest test temp default ' +
  'changeme hello iloveyou love trustno1 whatever dragon monkey master shadow superman batman starwars pokemon football ' +
  'baseball basketball soccer hockey killer princess sunshine flower cookie cheese banana orange purple summer winter spring ' +
  'autumn january february march april june july august september october november december monday tuesday wednesday thursday ' +
  'friday saturday sunday michael jordan jessica ashley daniel charlie thomas andrew joshua george robert jennifer computer ' +
  'internet google facebook amazon microsoft windows apple samsung company office server database system security access ' +
  'holdfast forever family money lucky happy angel freedom mustang ferrari porsche harley matrix phoenix qwerty azerty asdf zxcv ' +
  'correct horse battery staple correcthorsebatterystaple thisis mypassword isthepassword loremipsum dolorsitamet'
).split(' ')

/** Rows of keyboards, and zigzags over their columns. */
const WALKS = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '!@#$%^&*()',
  '!"§$%&/()=',
]
const WALK_STEPS = new Set(WALKS.flatMap((walk) => [...steps(walk), ...steps(reversed(walk))]))
const SHORTEST_WALK = 4
const SHORTEST_SEQUENCE = 3
const YEAR = /(?:19|20)\d\d/y

/**
 * How many parts a guesser has to choose: a pattern or a word counts one, and so does every other character. Case, and the
 * usual exchange of letters for digits (`P4$$w0rd`), count nothing. `words` are further words, lower case.
 * Takes time linear in the text.
 */
export function partsOf(text: string, words: readonly string[] = []): number {
  const lower = text.toLowerCase()
  const byFirst = indexed([...COMMON_WORDS, ...words])
  const period = periodOf(lower)
  const repeated = period <= lower.length / 2
  const once = repeated ? lower.slice(0, period) : lower
  return Math.min(countParts(once, byFirst), countParts(unleet(once), byFirst)) + (repeated ? 1 : 0)
}

function countParts(text: string, words: ReadonlyMap<string, readonly string[]>): number {
  let parts = 0
  for (let at = 0; at < text.length; parts += 1)
    at += Math.max(1, sequenceAt(text, at), walkAt(text, at), yearAt(text, at), wordAt(text, at, words))
  return parts
}

/** The length of `aaa`, `abc` or `321` beginning here, 0 when it is none. */
function sequenceAt(text: string, at: number): number {
  const step = text.charCodeAt(at + 1) - text.charCodeAt(at)
  if (!(Math.abs(step) <= 1)) return 0 // also at the end, where the step is NaN
  let end = at + 2
  while (text.charCodeAt(end) - text.charCodeAt(end - 1) === step) end += 1
  return end - at >= SHORTEST_SEQUENCE ? end - at : 0
}

function walkAt(text: string, at: number): number {
  let end = at + 2
  while (WALK_STEPS.has(text.slice(end - 2, end + 1))) end += 1
  return end - at >= SHORTEST_WALK ? end - at : 0
}

function yearAt(text: string, at: number): number {
  YEAR.lastIndex = at
  return YEAR.test(text) ? 4 : 0
}

function wordAt(text: string, at: number, words: ReadonlyMap<string, readonly string[]>): number {
  let longest = 0
  for (const word of words.get(text.charAt(at)) ?? [])
    if (word.length > longest && text.startsWith(word, at)) longest = word.length
  return longest
}

/** The shortest length whose repetition gives the text, the last one perhaps cut; the whole length when there is none (Knuth–Morris–Pratt). */
export function periodOf(text: string): number {
  const border = [0]
  for (let at = 1, length = 0; at < text.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = border[length - 1] ?? 0
    if (text[at] === text[length]) length += 1
    border.push(length)
  }
  return text.length - (border.at(-1) ?? 0)
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '+': 't',
}

/** Letters for the digits and signs that are written instead of them. */
export function unleet(text: string): string {
  return text.replace(/[01!34@5$7+]/g, (character) => LEET[character] ?? character)
}

function indexed(words: readonly string[]): Map<string, string[]> {
  return Map.groupBy(words, (word) => word.charAt(0))
}

function reversed(walk: string): string {
  return walk.split('').toReversed().join('')
}

function* steps(walk: string): Generator<string> {
  for (let at = 0; at + 3 <= walk.length; at++) yield walk.slice(at, at + 3)
}
