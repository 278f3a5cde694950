/**
 * Describes a browser in a few words, for a list of sessions: "Firefox on Linux".
 *
 * A `User-Agent` is what the client says of itself, so this helps a person to recognise a device and never decides anything.
 * Source: RFC 9110, section 10.1.5; the order of the marks is what browsers copy from each other, newest names first.
 */

/** Longer headers are read this far only: the marks stand near the start, and a list needs no more. */
const longest = 512

/** A mark in the header and the name it stands for; the first one found wins. */
type Marks = readonly (readonly [mark: string, name: string])[]

const browsers: Marks = [
  ['Edg/', 'Edge'],
  ['EdgA/', 'Edge'],
  ['EdgiOS/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Vivaldi/', 'Vivaldi'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['DuckDuckGo/', 'DuckDuckGo'],
  ['FxiOS/', 'Firefox'],
  ['Firefox/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['HeadlessChrome/', 'Headless Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
  ['Wget/', 'Wget'],
  ['python-requests/', 'Python'],
  ['Go-http-client/', 'Go'],
  ['PostmanRuntime/', 'Postman'],
  ['node', 'Node.js'],
]

const systems: Marks = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['CrOS', 'ChromeOS'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Macintosh', 'macOS'],
  ['Linux', 'Linux'],
  ['FreeBSD', 'FreeBSD'],
]

/**
 * Returns a short description such as `Firefox on Linux`, `curl`, `Android` or `Unknown device`. The result is one of a fixed set
 * of words: nothing of the header is copied into it. Linear in the first 512 characters.
 *
 * @example describeDevice('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0') // 'Firefox on Linux'
 */
export function describeDevice(userAgent: string | undefined): string {
  if (userAgent === undefined) return 'Unknown device'
  const text = userAgent.slice(0, longest)
  const browser = firstOf(browsers, text)
  const system = firstOf(systems, text)
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`
  return browser ?? system ?? 'Unknown device'
}

function firstOf(marks: Marks, text: string): string | undefined {
  return marks.find(([mark]) => text.includes(mark))?.[1]
}
