/** Where credentials of programs are accepted: nowhere, everywhere, or under beginnings of paths. */
import { invalid } from './options.ts'

export type Accept = 'nowhere' | 'everywhere' | readonly string[]

const BEGINNING = /^\/(?:[^\s/?#%*{}\\;:]+\/)+$/

/** Throws HF_OPTION_INVALID, naming `option`, for a beginning that no canonical path has. */
export function readAccept(option: string, accept: unknown): Accept {
  if (accept === 'nowhere' || accept === 'everywhere') return accept
  const fix = `Write 'nowhere', 'everywhere', or beginnings of paths such as ['/api/'].`
  if (!Array.isArray(accept) || accept.length === 0) return invalid(option, accept, fix)
  return (accept as unknown[]).map((beginning) => {
    const fits = typeof beginning === 'string' && BEGINNING.test(beginning) && !/\/\.\.?\//.test(beginning)
    return fits ? beginning : invalid(option, beginning, fix)
  })
}

/** Whether this canonical path is one where they are accepted. */
export function isAccepted(accept: Accept, path: string): boolean {
  if (accept === 'nowhere') return false
  return accept === 'everywhere' || accept.some((beginning) => path.startsWith(beginning))
}
