/** The log on standard output. A reader that is slow makes it lose lines, never wait or grow. */
import type { Writable } from 'node:stream'
import type { LogSink, SinkHealth } from './sink.ts'
import { line } from './line.ts'

/** Bytes that may wait for the reader of a pipe; Node itself would keep all there are. */
const MOST_WAITING = 1_048_576

export function streamSink(stream: Writable, health: SinkHealth): LogSink {
  // Without a listener a reader that has gone (EPIPE) would end the process. This one stays: what was written last fails after the end.
  if (!stream.listeners('error').includes(goOn)) stream.on('error', goOn)
  const onError = (error: unknown) => health.lose(error, 0)
  stream.on('error', onError)
  return {
    name: 'stdout',
    get lost() {
      return health.lost
    },
    write(event) {
      if (!stream.writable) return health.lose('closed')
      if (stream.writableLength > MOST_WAITING) return health.lose('slow-reader')
      stream.write(`${line(event)}\n`)
      health.written()
    },
    close: () => void stream.off('error', onError),
  }
}

function goOn(): void {}
