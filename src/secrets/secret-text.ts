/** Reads a secret from the file that somebody named: a regular file, of a size that a secret has, with something in it. Never waits. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** As much as a secret of Kubernetes may have. */
const LARGEST = 1024 * 1024

/**
 * The text without blanks and line ends around it. Throws with why, as the end of a sentence ("it …"). A pipe or a device is not read: who
 * named one by mistake would otherwise wait for ever, or until the memory is full.
 */
export function readSecretText(path: string): string {
  let text: string
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const state = fstatSync(file)
    if (state.isDirectory()) throw new RangeError('is a folder')
    if (!state.isFile()) throw new RangeError('is a pipe or a device, and no file')
    if (state.size > LARGEST) throw new RangeError(`has ${state.size} bytes, more than any secret`)
    text = readFileSync(file, 'utf8').trim()
  } finally {
    closeSync(file)
  }
  if (text === '') throw new RangeError('is empty')
  return text
}

/** What kept it from being read, as the end of a sentence. */
export function whyUnread(cause: unknown): string {
  return cause instanceof RangeError ? cause.message : 'cannot be read'
}
