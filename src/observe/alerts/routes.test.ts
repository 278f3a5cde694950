import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeAlert, type NewAlert } from './alert.ts'
import { compileRoutes, type AlertRoute } from './routes.ts'

const CHANNELS = ['ops', 'night']
const ALERT: NewAlert = { key: 'k', kind: 'incident', state: 'open', severity: 'high', title: 't', text: 't' }

/** Where this alert goes at this moment, and when. */
function routed(routes: readonly AlertRoute[], more: Partial<NewAlert>, time = '2027-03-01T12:00:00Z'): string[] {
  const destinations = compileRoutes(routes, CHANNELS)(makeAlert({ ...ALERT, ...more }, 'id', Date.parse(time)))
  return destinations.map(({ channel, at }) => `${channel} ${new Date(at).toISOString().slice(11, 16)}`)
}

const ROUTES: readonly AlertRoute[] = [
  { channels: ['ops'], from: 'low' },
  { channels: ['night'], from: 'high', kinds: ['incident', 'channel'] },
]

describe('routes of alerts', () => {
  it('lead by severity and kind', () => {
    assert.deepEqual(routed(ROUTES, {}), ['ops 12:00', 'night 12:00'])
    assert.deepEqual(routed(ROUTES, { severity: 'medium' }), ['ops 12:00'])
    assert.deepEqual(routed(ROUTES, { kind: 'event' }), ['ops 12:00'])
    assert.deepEqual(routed([{ channels: CHANNELS }], { severity: 'low' }), [])
  })

  it('wait in quiet hours until their end, over midnight, on the clock of the place; what is critical does not', () => {
    const quiet = { between: ['22:00', '07:00'], timeZone: 'Europe/Berlin' } as const
    const routes: readonly AlertRoute[] = [
      { channels: ['ops'], quiet },
      { channels: ['night'], from: 'critical' },
    ]
    // In March Berlin is an hour ahead of UTC.
    assert.deepEqual(routed(routes, {}, '2027-03-01T20:59:30Z'), ['ops 20:59'])
    assert.deepEqual(routed(routes, {}, '2027-03-01T21:00:30Z'), ['ops 06:00'])
    assert.deepEqual(routed(routes, {}, '2027-03-01T23:30:00Z'), ['ops 06:00'])
    assert.deepEqual(routed(routes, {}, '2027-03-02T05:59:59Z'), ['ops 06:00'])
    assert.deepEqual(routed(routes, {}, '2027-03-02T06:00:00Z'), ['ops 06:00'])
    assert.deepEqual(routed(routes, { severity: 'critical' }, '2027-03-01T23:30:00Z'), ['ops 23:30', 'night 23:30'])
    assert.deepEqual(routed(routes, { kind: 'test' }, '2027-03-01T23:30:00Z'), ['ops 23:30'])
  })

  it('are not made to wait by another route that does', () => {
    const quiet = { between: ['00:00', '23:59'] } as const
    assert.deepEqual(routed([{ channels: CHANNELS, quiet }, { channels: ['night'] }], {}), ['ops 23:59', 'night 12:00'])
  })

  const wrong: readonly (readonly [routes: readonly unknown[], said: RegExp])[] = [
    [[{ channels: ['opps'] }], /alerts\.routes\[0\]\.channels.*"ops"/s],
    [[{ channels: [] }], /at least one channel/],
    [[{ channels: CHANNELS, from: 'severe' }], /from is "severe"/],
    [[{ channels: CHANNELS, kinds: ['incidents'] }], /kinds is "incidents".*"incident"/],
    [[{ channels: CHANNELS, form: 'high' }], /routes\[0\]\.form is not an option.*"from"/],
    [[{ channels: ['ops'] }], /alerts\.channels\.night .*no route leads/],
    [[{ channels: CHANNELS, quiet: { between: ['22:00', '22:00'] } }], /two different times/],
    [[{ channels: CHANNELS, quiet: { between: ['22:00', '7:00'] } }], /"7:00".*HH:MM/],
    [[{ channels: CHANNELS, quiet: { between: ['22:00', '07:00'], timeZone: 'Berlin/Europe' } }], /IANA/],
  ]
  for (const [routes, said] of wrong) {
    it(`are refused when they cannot be meant: ${JSON.stringify(routes)}`, () => {
      assert.throws(() => compileRoutes(routes as readonly AlertRoute[], CHANNELS), said)
    })
  }
})
