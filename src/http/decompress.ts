/**
 * Undoes one content coding of a body that is already in memory, and stops as soon as the result is too large.
 * Stops compression bombs: 50 KB of gzip hold 50 MB of zeros (attack A73). Sources: RFC 9110 §8.4.1 (gzip, deflate), RFC 7932 (br),
 * RFC 8878 and RFC 9659 (zstd, its window); CWE-409.
 */
import { brotliDecompress, constants, gunzip, inflate, zstdDecompress, type ZlibOptions, type ZstdOptions } from 'node:zlib'

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

export type DecompressResult =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: 'too-large' | 'malformed-encoding' }

/** The codings that are understood, as they are said in Accept-Encoding (RFC 9110 §12.5.3, RFC 7694). */
export const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const satisfies readonly Coding[]

/** The largest window a sender may ask us to hold: 8 MiB (RFC 9659 §3). The format itself would allow far more. */
const ZSTD_WINDOW: NonNullable<ZstdOptions['params']> = { [constants.ZSTD_d_windowLogMax]: 23 }

type Work = (bytes: Buffer, options: ZlibOptions & ZstdOptions, done: (error: Error | null, result: Buffer) => void) => void

const WORK: Readonly<Record<Coding, Work>> = {
  gzip: gunzip,
  deflate: inflate,
  br: (bytes, { maxOutputLength, rejectGarbageAfterEnd }, done) =>
    brotliDecompress(bytes, { maxOutputLength, rejectGarbageAfterEnd }, done),
  zstd: (bytes, options, done) => zstdDecompress(bytes, { ...options, params: ZSTD_WINDOW }, done),
}

/**
 * The decoded bytes, at most `limit`. Never rejects. Refused: more than the limit, and anything that is not one whole stream of
 * that coding: cut short, damaged, or with other bytes behind it. Runs in the thread pool: a large body does not hold up others.
 */
export function decompress(bytes: Buffer, coding: Coding, limit: number): Promise<DecompressResult> {
  const options = { maxOutputLength: Math.max(1, limit), rejectGarbageAfterEnd: true }
  return new Promise((resolve) => {
    WORK[coding](bytes, options, (error, result) => {
      if (error === null) return resolve({ ok: true, bytes: result })
      const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      resolve({ ok: false, reason: tooLarge ? 'too-large' : 'malformed-encoding' })
    })
  })
}
