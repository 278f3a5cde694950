import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encode } from 'uqr'
import { qrCode } from './qr.ts'

const URI = 'otpauth://totp/App:bob?issuer=App&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30'

/** Draws what the path says. */
function drawn(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) /.exec(svg)![1])
  const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    rows[Number(y)]!.fill(true, Number(x), Number(x) + Number(width))
  return rows
}

describe('QR code', () => {
  it('draws every module, with four white ones around', () => {
    const svg = qrCode(URI, 'A label').toString()
    const { data } = encode(URI, { ecc: 'L', border: 4 })
    assert.deepEqual(drawn(svg), data)
    assert.ok(
      data
        .slice(0, 4)
        .flat()
        .every((dark) => !dark),
    )
  })

  it('holds nothing of the text in words, and has a label', () => {
    const svg = qrCode(URI, 'Scan "this" & go').toString()
    assert.doesNotMatch(svg, /otpauth|JBSWY|<script|style=/)
    assert.match(svg, /role="img" aria-label="Scan &quot;this&quot; &amp; go"/)
  })

  it('refuses a text that no telephone would read', () => {
    assert.throws(() => qrCode('x'.repeat(501), ''), RangeError)
    assert.doesNotThrow(() => qrCode('x'.repeat(500), ''))
  })
})
