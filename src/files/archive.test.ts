import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { extraField, twoFaced, zip } from '../../test/support/zip.ts'
import { measureArchive } from './archive.ts'

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

  it('is refused when another reader would find something else in it (A217)', async () => {
    for (const [title, bytes] of twoFaced()) assert.equal(await measure(bytes), 'archive', title)
    assert.equal(await measure(zip([{ name: 'a', data: text, size: text.length + 1 }])), 'archive')
  })

  it('is taken with comments, extra fields, and sizes that follow their entries or are written in 64 bits', async () => {
    const long = Buffer.alloc(16)
    long.writeBigUInt64LE(BigInt(text.length), 0)
    long.writeBigUInt64LE(BigInt(deflateRawSync(text).length), 8)
    const unicode = extraField(0x7075, Buffer.concat([Buffer.alloc(5), Buffer.from('größe.txt')]))
    const members = [{ name: 'a', data: text, extra: unicode, localExtra: unicode, comment: Buffer.from('PK\x05\x06') }]
    assert.equal(await measure(zip(members, { comment: Buffer.from('of otters') })), 'ok')
    const packed = deflateRawSync(text).length
    for (const descriptor of [Buffer.from('PK\x07\x08'), Buffer.alloc(0)]) {
      const bytes = zip([{ name: 'a', data: text, flags: 8 }])
      bytes.fill(0, 18, 26)
      const tail = Buffer.concat([descriptor, Buffer.alloc(12)])
      const at = 31 + packed
      const whole = Buffer.concat([bytes.subarray(0, at), tail, bytes.subarray(at)])
      whole.writeUInt32LE(at + tail.length, whole.length - 6)
      assert.equal(await measure(whole), 'ok')
    }
    const bytes = zip([{ name: 'a', data: text, localExtra: extraField(1, long) }])
    bytes.fill(0xff, 18, 26)
    assert.equal(await measure(bytes), 'ok')
    bytes.writeUInt8(9, 31 + 4)
    assert.equal(await measure(bytes), 'archive')
  })
})
