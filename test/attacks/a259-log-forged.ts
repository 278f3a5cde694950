import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { defineAttack } from '../support/attack.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-a259-'))
const file = join(folder, 'log')
after(() => rmSync(folder, { recursive: true, force: true }))

/** CSI in one byte: clears the screen of who reads the log in a terminal. JSON leaves it as it is. */
const CLEAR = '\u009b2J'

export default defineAttack({
  id: 'A259',
  title: 'moves the cursor of whoever reads the log in a terminal, by a byte in a header',
  control: 'log',
  adapters: 'all',
  options: { log: { file } },
  // What an application would write by itself.
  without: { log: ({ type, data }) => appendFileSync(file, `${type} ${JSON.stringify(data)}\n`) },
  async succeeds(app) {
    const { length } = readOr(file)
    const answer = await app.raw(Buffer.from(`GET / HTTP/1.1\r\nHost: shop${CLEAR}\r\n\r\n`, 'latin1'))
    if (!answer.startsWith('HTTP/1.1 4')) throw new Error(`The Host field was not refused: ${answer.slice(0, 40)}`)
    const written = readOr(file).slice(length)
    if (!written.includes('malicious_host')) throw new Error('Nothing stands in the log.')
    return written.includes(CLEAR)
  },
})

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
