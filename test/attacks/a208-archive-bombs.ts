import { readdirSync } from 'node:fs'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { defineAttack } from '../support/attack.ts'
import { formOf } from '../support/files.ts'

const ZEROS = Buffer.alloc(20_000_000)

/** A zip with one member of zeros, of which it says that they are few. PKWARE APPNOTE §4.3. */
function lyingZip(says: number): Buffer {
  const packed = deflateRawSync(ZEROS)
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(8, 4)
  common.writeUInt32LE(packed.length, 14)
  common.writeUInt32LE(says, 18)
  common.writeUInt16LE(1, 22)
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, Buffer.alloc(14), Buffer.from('a')])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(entry.length, 8)
  end.writeUInt32LE(31 + packed.length, 12)
  return Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from('a'), packed, entry, Buffer.from('PK\x05\x06'), end])
}

export default defineAttack({
  id: 'A208',
  title: 'uploads an archive that fits through the door and fills the room of whoever opens it',
  control: 'files',
  without: { heldBy: 'start-up', why: 'nothing starts that takes archives without a limit for what they hold' },
  async succeeds(app) {
    const send = (type: string, bytes: Buffer) =>
      app.fetch('/upload', { method: 'POST', ...formOf([{ name: 'papers', file: 'a', type, bytes }]) })
    if ((await send('application/gzip', gzipSync('hello'))).status !== 200) throw new Error('An honest archive was refused.')
    const bombs = [
      await send('application/gzip', gzipSync(ZEROS)),
      await send('application/zip', lyingZip(ZEROS.length)),
      await send('application/zip', lyingZip(100)),
    ]
    const kept = readdirSync(app.state.files.uploads).filter((name) => name !== '.held')
    return kept.length !== 1 || bombs.some(({ status }) => status !== 413)
  },
})
