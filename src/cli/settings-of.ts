/** The settings that a verb works with, and the keys they lead to. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings, type Settings } from '../settings/settings.ts'
import type { Call } from './command.ts'

/** Settings of the environment, with `--data` before HOLDFAST_DATA. Throws HoldfastError. */
export function settingsOf({ io, option }: Pick<Call, 'io' | 'option'>): Settings {
  const data = option('data')
  return readSettings(data === undefined ? io.environment : { ...io.environment, HOLDFAST_DATA: data })
}

/** The text of the key ring: of the settings, or of the data folder; it is never made here. */
export function keysOf(call: Pick<Call, 'io' | 'option'>): string | undefined {
  const { keys, data } = settingsOf(call)
  const file = join(data, 'keys')
  return keys?.reveal() ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined)
}
