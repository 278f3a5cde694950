import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { describeDevice } from './device.ts'

const known: readonly (readonly [description: string, userAgent: string])[] = [
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  [
    'Chrome on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  ],
  [
    'Edge on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
  ],
  [
    'Safari on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  ],
  [
    'Safari on iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  ],
  [
    'Chrome on Android',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  ],
  ['curl', 'curl/8.14.1'],
  ['Unknown device', 'something else'],
  ['Unknown device', ''],
]

describe('describeDevice', () => {
  for (const [description, userAgent] of known) {
    it(`says ${description} for ${userAgent.slice(0, 40)}`, () => assert.equal(describeDevice(userAgent), description))
  }

  it('says so when there is no header', () => assert.equal(describeDevice(undefined), 'Unknown device'))

  it('reads the first 512 characters only', () => {
    assert.equal(describeDevice(`${'x'.repeat(505)}Firefox/1 Linux`), 'Unknown device')
    assert.equal(describeDevice(`Firefox/1 Linux${'x'.repeat(1_000_000)}`), 'Firefox on Linux')
  })

  it('copies nothing of the header', () => {
    const part = fc.constantFrom('<script>', 'Firefox/', 'Linux', 'Android', '"', '\r\n', 'node', ' ')
    fc.assert(fc.property(fc.array(part), (parts) => assert.match(describeDevice(parts.join('')), /^[A-Za-z. ]{1,40}$/)))
  })
})
