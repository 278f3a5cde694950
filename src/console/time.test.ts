import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { timeAgo, timeOf, timeText } from './time.ts'

const now = Date.UTC(2026, 2, 14, 9, 41)

describe('timeOf', () => {
  it('names the time zone and gives machines the exact time', () => {
    assert.equal(String(timeOf(now)), '<time datetime="2026-03-14T09:41:00.000Z">14 Mar 2026, 09:41 UTC</time>')
  })

  it('writes times as British readers are used to', () => {
    const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
    const years = { min: Date.UTC(1000, 0), max: Date.UTC(9999, 11, 31) }
    const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2026, month, 1 + month, month))
    for (const time of months) assert.equal(timeText(time), `${format.format(time)} UTC`)
    fc.assert(fc.property(fc.integer(years), (time) => timeText(time) === `${format.format(time)} UTC`))
  })

  it('says unknown for what is no time, and does not throw', () => {
    for (const time of [Number.NaN, Infinity, -Infinity, 8.64e15 + 1]) assert.equal(String(timeOf(time)), 'unknown')
  })
})

describe('timeAgo', () => {
  const seen = (seconds: number): string => String(timeAgo(now - seconds * 1000, now)).replace(/<[^>]*>/g, '')

  it('counts the largest whole unit', () => {
    assert.deepEqual([0, 59, 60, 3599, 3600, 86_400, 29 * 86_400].map(seen), [
      'just now',
      'just now',
      '1 minute ago',
      '59 minutes ago',
      '1 hour ago',
      '1 day ago',
      '29 days ago',
    ])
  })

  it('gives the date after 30 days, and is not confused by a clock that runs ahead', () => {
    assert.equal(seen(30 * 86_400), '12 Feb 2026, 09:41 UTC')
    assert.equal(seen(-100), 'just now')
    assert.equal(String(timeAgo(Number.NaN, now)), 'unknown')
  })
})
