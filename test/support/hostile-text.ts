/** What a client may write to forge lines of a log, and events that hold it. */
import type { SecurityEvent } from '../../src/engine/events.ts'

/** CR, LF, ESC and OSC sequences, C1 (CSI, NEL), separators, bidi and zero-width marks, NUL, half a pair, and what ends a syslog message. */
export const HOSTILE = `a\r\n<34>1 2026-01-02T00:00:00Z evil su - - - forged\u001b[2J\u001b]0;t\u0007\u009b31m\u0085\u2028\u2029\u202e\u2066\u200b\u200f\u061c\ufeff\u0000"} {"forged":1}\n`

/** All that no sink may let through as it is; a line break ends the record itself. */
// oxlint-disable-next-line no-control-regex
export const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

export const eventWith = (data?: SecurityEvent['data']): SecurityEvent => ({
  type: 'authn_login_fail',
  level: 'warn',
  control: 'accounts',
  time: Date.UTC(2026, 0, 2),
  ...(data && { data }),
})
