import { truncateSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { defineAttack } from '../support/attack.ts'

const SIZE = 20_000_000
const AGAIN = 'HTTP/1.1 '

export default defineAttack({
  id: 'A216',
  title: 'fetches a file while it is replaced by a shorter one, and has the next answer of the connection for the rest of it',
  control: 'files',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'an answer that cannot be what was announced ends its connection; no option lets it stay open',
  },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const path = join(app.state.files.root, 'long.txt')
    writeFileSync(path, Buffer.alloc(SIZE, 0x61))
    const socket = net.connect(app.port, '127.0.0.1')
    socket.on('error', () => {})
    const ask = (what: string) => socket.write(`GET ${what} HTTP/1.1\r\nHost: localhost:${app.port}\r\nCookie: ${cookie}\r\n\r\n`)
    let received = ''
    let seen = 0
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.length
      received += chunk.toString('latin1').replaceAll('a', '')
      if (seen === chunk.length) socket.pause()
    })
    ask('/assets/long.txt')
    while (seen === 0) await wait(10)
    // What fits between the two is on its way; the rest is not there any more.
    await wait(100)
    truncateSync(path, 1000)
    socket.resume()
    for (let before = -1; before !== seen; await wait(100)) before = seen
    if (!received.startsWith(AGAIN) || seen >= SIZE) throw new Error('The file was sent whole: nobody could have cut it.')
    ask('/nothing-here')
    for (let tries = 0; tries < 100 && !socket.closed && received.lastIndexOf(AGAIN) === 0; tries++) await wait(20)
    socket.destroy()
    return received.lastIndexOf(AGAIN) > 0
  },
})
