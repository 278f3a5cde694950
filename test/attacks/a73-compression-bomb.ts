import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { defineAttack } from '../support/attack.ts'

const text = Buffer.from(JSON.stringify('0'.repeat(2_000_000)))
const bombs = {
  gzip: gzipSync(text),
  deflate: deflateSync(text),
  br: brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: zstdCompressSync(text),
}

export default defineAttack({
  id: 'A73',
  title: 'sends a few kilobytes that become megabytes once they are decompressed',
  control: 'body',
  adapters: 'all',
  without: { body: { json: 100_000_000 } },
  async succeeds(app) {
    for (const [coding, body] of Object.entries(bombs)) {
      const headers = { 'content-type': 'application/json', 'content-encoding': coding }
      await app.fetch('/echo', { method: 'POST', headers, body }).catch(() => undefined)
    }
    return app.state.bodies.length > 0
  },
})
