/** Alerts as lines of JSON in a file that is only ever appended to: for a machine that another program watches, and for development. */
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { invalid, refuseUnknown } from '../../../engine/options.ts'
import { jsonLine } from '../../json-line.ts'
import { AlertError, defineChannel, type ChannelDefinition } from '../channel.ts'

export interface AlertFileOptions {
  /** It is made, readable by its owner alone. */
  readonly path: string
}

/** Alerts into a file: `file({ path })`. */
export function file(options: AlertFileOptions): ChannelDefinition {
  return defineChannel({
    kind: 'file',
    open(name) {
      refuseUnknown(name, options, ['path'])
      if (typeof options.path !== 'string' || options.path.trim() === '')
        invalid(`${name}.path`, options.path, 'Write the path of a file.')
      const path = resolve(options.path)
      return {
        async send(alert) {
          const line = `${jsonLine({ ...alert, time: new Date(alert.time).toISOString() })}\n`
          try {
            await mkdir(dirname(path), { recursive: true, mode: 0o700 })
            await appendFile(path, line, { mode: 0o600 })
          } catch (cause) {
            throw new AlertError(`The file was not written: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}.`, { cause })
          }
        },
      }
    },
  })
}
