/** What alerts say of themselves: that they work, that somebody watches, that a channel is full or dead. */
import type { NewAlert } from './alert.ts'

/** What is sent to try a channel. */
export const TEST: NewAlert = {
  ...{ key: 'test', kind: 'test', state: 'open', severity: 'low' },
  title: 'A test: this channel works',
  text: 'Somebody asked for this test. Nothing happened.',
}

export function heartbeat(every: number): NewAlert {
  return {
    ...{ key: 'heartbeat', kind: 'heartbeat', state: 'open', severity: 'low' },
    title: 'Holdfast is watching',
    text: `This is said every ${Math.round(every / 60_000)} minutes. Worry when it is not.`,
  }
}

export function full(channel: string): NewAlert {
  return {
    ...{ key: `full:${channel}`, kind: 'channel', state: 'open', severity: 'high' },
    title: 'There are more alerts than this channel takes',
    text: 'Further ones of the next ten minutes stand in the log and among the incidents alone.',
  }
}

export function health(channel: string, dead: boolean, why: string): NewAlert {
  return {
    ...{ key: `channel:${channel}`, kind: 'channel', severity: 'high', facts: { channel, why: why || undefined } },
    state: dead ? 'open' : 'resolved',
    title: dead ? `Alerts do not reach ${channel}` : `Alerts reach ${channel} again`,
    text: dead ? `The channel ${channel} took none of the last alerts. ${why}` : 'What waited was sent.',
  }
}
