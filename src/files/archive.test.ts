import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { measureArchive } from './archive.ts'

interface Member {
  readonly name: string
  readonly data: Buffer
  /** What the directory says instead of the truth. */
  readonly size?: number
  readonly method?: number
  readonly flags?: number
  readonly mode?: number
  readonly offset?: number
}

/** A zip made byte by byte, so that it can lie. PKWARE APPNOTE §4.3. */
function zip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let position = 0
  for (const { name, data, size = data.length, method = 8, flags = 0, mode = 0, offset } of members) {
    const bytes = Buffer.from(name)
    const packed = method === 8 ? deflateRawSync(data) : data
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size, 18)
    common.writeUInt16LE(bytes.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, bytes, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(offset ?? position, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, bytes]))
    locals.push(local)
    position += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(members.length, 4)
  end.writeUInt16LE(members.length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(position, 12)
  return Buffer.concat([...locals, entries, Buffer.from('PK\x05\x06'), end])
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-archive-'))
after(() => rmSync(folder, { recursive: true, force: true }))

async function measure(bytes: Buffer, packed: 'zip' | 'gzip' = 'zip', most = 100_000): Promise<string> {
  const path = join(folder, 'a')
  writeFileSync(path, bytes)
  const result = await measureArchive(path, packed, most)
  return result.ok ? 'ok' : result.reason
}

const text = Buffer.from('walrus '.repeat(100))
const zeros = Buffer.alloc(1_000_000)

describe('an archive', () => {
  it('is taken when it holds what it says, and no more than agreed', async () => {
    const members = [
      { name: 'a/b.txt', data: text },
      { name: 'c.txt', data: text, method: 0 },
      { name: 'd/', data: Buffer.alloc(0), method: 0 },
    ]
    assert.equal(await measure(zip(members)), 'ok')
    assert.equal(await measure(zip([])), 'ok')
    assert.equal(await measure(gzipSync(text), 'gzip'), 'ok')
  })

  it('is refused when it says that it holds more, holds more than it says, or shares its bytes', async () => {
    assert.equal(await measure(zip([{ name: 'a', data: zeros }])), 'bomb')
    assert.equal(await measure(zip([{ name: 'a', data: zeros, size: 10 }])), 'bomb')
    const shared = Array.from({ length: 50 }, (_, index) => ({ name: `${index}`, data: text, offset: 0 }))
    assert.equal(await measure(zip(shared)), 'bomb')
    assert.equal(await measure(gzipSync(zeros), 'gzip'), 'bomb')
    assert.equal(await measure(Buffer.concat([gzipSync(text), gzipSync(zeros)]), 'gzip'), 'bomb')
  })

  it('is refused when a name leads out of a folder, a member is a link, or it cannot be looked into (A101)', async () => {
    for (const name of ['../x', 'a/../../x', '/etc/passwd', 'C:/x', 'a\\..\\x', 'x\0.txt', ''])
      assert.equal(await measure(zip([{ name, data: text }])), 'archive', JSON.stringify(name))
    assert.equal(await measure(zip([{ name: 'a', data: text, mode: 0o120777 }])), 'archive')
    assert.equal(await measure(zip([{ name: 'a', data: text, flags: 1 }])), 'archive')
    assert.equal(await measure(zip([{ name: 'a', data: text, method: 99 }])), 'archive')
    assert.equal(await measure(zip([{ name: 'a', data: text }]).subarray(0, -30)), 'archive')
    assert.equal(await measure(Buffer.from('PK\x03\x04 and nothing')), 'archive')
    assert.equal(await measure(Buffer.alloc(0)), 'archive')
    assert.equal(await measure(gzipSync(text).subarray(0, 20), 'gzip'), 'archive')
  })
})
