/** Ten thousand ordinary requests of many kinds, over HTTP to the admin panel, and nothing fires. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ordinaryDay, type Day } from './ordinary-day.ts'
import { administrator, forgetful, sleeper, traveller, twoBrowsers, worker } from './ordinary-people.ts'
import {
  apiClient,
  crawler,
  GOOGLEBOT,
  MONITOR,
  monitor,
  partnerPage,
  reports,
  staleKey,
  wellKnown,
} from './ordinary-programs.ts'
import { FIREFOX, IPHONE, startPanel } from './panel.ts'

const OFFICE = '203.0.113.10'
const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const BROWSERS = [FIREFOX, CHROME, IPHONE]
const MINUTE = 60_000
const SEED = 20_260_114
const SYSTEM = { kind: 'system', id: 'test' } as const

const home = (index: number) => `81.2.${index >> 8}.${index & 255}`

async function invite(day: Day): Promise<void> {
  const { panel, between, pick, client } = day
  const users: string[] = []
  for (let index = 0; index < 90; index++) users.push(await panel.user(`person-${index}`))
  await panel.user('chief', 'admin')
  const browserOf = (index: number) => BROWSERS[index % 3]!
  // The office: fifty people behind one address, all within a quarter of an hour.
  for (let index = 0; index < 50; index++)
    day.begin(
      between(0, 15 * MINUTE),
      worker(day, client('office', OFFICE, browserOf(index)), `person-${index}`, between(60, 100)),
    )
  for (let index = 50; index < 70; index++)
    day.begin(
      between(0, 120 * MINUTE),
      worker(day, client('home', home(index), browserOf(index)), `person-${index}`, between(40, 90)),
    )
  for (let index = 70; index < 80; index++)
    day.begin(between(0, 60 * MINUTE), traveller(day, client('on the way', home(index), IPHONE), `person-${index}`, 40))
  for (let index = 80; index < 84; index++)
    day.begin(between(0, 60 * MINUTE), sleeper(day, client('session ran out', home(index), browserOf(index)), `person-${index}`))
  for (let index = 84; index < 87; index++)
    day.begin(
      between(0, 60 * MINUTE),
      twoBrowsers(day, client('two browsers', home(index)), client('two browsers', home(index)), `person-${index}`),
    )
  for (let index = 87; index < 90; index++)
    day.begin(between(0, 90 * MINUTE), forgetful(day, client('forgot the password', home(index)), `person-${index}`))
  day.begin(between(0, MINUTE), administrator(day, client('administrator', OFFICE, CHROME), 'chief', 30))

  const { apiKeys } = panel.holdfast.accounts
  const keyOf = async (index: number, expiresIn: number) => {
    const made = await apiKeys.create(
      { userId: users[index]!, name: 'job', expiresIn, scopes: ['notes:read', 'notes:write'] },
      SYSTEM,
    )
    if (!made.ok) throw new Error(`no key: ${made.reason}`)
    return made.text.reveal()
  }
  for (let index = 0; index < 5; index++)
    day.begin(
      between(0, 10 * MINUTE),
      apiClient(day, client('API', home(200 + index), 'python-requests/2.32.5'), await keyOf(index, 86_400_000), 200),
    )
  day.begin(0, staleKey(client('API', home(210), 'curl/8.14.1'), await keyOf(6, 60 * MINUTE), 30))
  for (let index = 0; index < 3; index++)
    day.begin(between(0, MINUTE), crawler(day, client('crawler', home(220 + index), GOOGLEBOT), 150))
  for (let index = 0; index < 2; index++) day.begin(index, monitor(client('monitoring', home(230 + index), MONITOR), 300))
  for (let index = 0; index < 30; index++)
    day.begin(between(0, 90 * MINUTE), wellKnown(day, client('by itself', home(240 + index), pick(BROWSERS))))
  for (let index = 0; index < 5; index++) day.begin(between(0, MINUTE), reports(day, client('reports', home(280 + index)), 20))
  day.begin(0, partnerPage(client('partner', home(290)), 60))
}

describe('ten thousand ordinary requests', { timeout: 170_000 }, () => {
  it('fire nothing', async (context) => {
    await using panel = await startPanel()
    const day = ordinaryDay(panel, SEED)
    await invite(day)
    const began = performance.now()
    await day.pass()
    await panel.holdfast.detections.settled()
    const seconds = (performance.now() - began) / 1000
    context.diagnostic(`${day.total()} requests in ${seconds.toFixed(0)} s: ${JSON.stringify(Object.fromEntries(day.counts))}`)
    assert.deepEqual(
      panel.told.map(
        ({ detected }) => `${detected.detection}: ${detected.why} (${detected.actors.map(({ value }) => value).join()})`,
      ),
      [],
    )
    assert.ok(day.total() >= 10_000, `${day.total()} requests`)
    assert.ok(day.counts.size >= 12, `${day.counts.size} kinds`)
    assertLively(panel.events.map(({ type }) => type))
  })
})

/** The day has the events from which detections count: it is no day without mistakes. */
function assertLively(types: readonly string[]): void {
  const needed = ['authn_login_fail', 'authn_login_success', 'authz_fail', 'malicious_csrf', 'malicious_cors', 'authn_token_fail']
  const more = [
    'session_use_after_expire',
    'session_expired',
    'browser_report',
    'input_validation_fail',
    'authn_recovery_asked',
    'sensitive_read',
  ]
  for (const type of [...needed, ...more]) assert.ok(types.includes(type), type)
}
