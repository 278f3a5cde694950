/** Letters as files in a folder, for development: one `.eml` each, which mail programs open. They hold links that open accounts. */
import { chmod, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { emlOf } from './eml.ts'
import { MailError, type MailTransport } from './transport.ts'

/** Writes into `folder`, which is made when it is not there, readable by its owner alone. */
export function fileTransport(folder: string): MailTransport {
  return {
    name: 'file',
    async send(message) {
      const text = emlOf(message)
      const at = new Date(message.date).toISOString().replaceAll(/[:.]/g, '-')
      const name = `${at}-${message.id.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 10)}.eml`
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await chmod(folder, 0o700)
        await write(join(folder, name), text)
      } catch (cause) {
        throw new MailError('The letter could not be written into the folder of mail.', { cause })
      }
    },
  }
}

/** A letter that is tried again is the same file. */
async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}
