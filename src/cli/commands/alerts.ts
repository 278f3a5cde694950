/** `holdfast alerts`: the channels of the application, what waits for them, and a test through the running application. */
import { recordedChannels } from '../../services/alerting.ts'
import { parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { makeAlert } from '../../observe/alerts/alert.ts'
import { TEST } from '../../observe/alerts/own-alerts.ts'
import { alertChannel } from '../../observe/alerts/delivery.ts'
import type { Database } from '../../store/database.ts'
import { createOutbox } from '../../store/outbox.ts'
import { outboxRows } from '../../store/outbox-rows.ts'
import { sqlStore } from '../../store/sql-atomic.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { keysOf, withCurrentDatabase } from '../open.ts'
import { instant, table } from '../table.ts'

const MOST_SHOWN = 100

export const alerts: Command = {
  name: 'alerts',
  what: 'Show the channels of alerts and what waits for them, and try one',
  more: 'The channels stand in the code of the application, which leaves their names when it starts.',
  actions: [
    { name: 'list', args: [], what: 'The channels, and how many alerts wait or were given up', run: list },
    { name: 'waiting', args: ['CHANNEL'], what: 'What waits or was given up, and why', run: waiting },
    { name: 'test', args: ['CHANNEL'], what: 'Let the running application send a test, within a quarter of a minute', run: test },
    { name: 'retry', args: ['CHANNEL'], what: 'Send again what was given up, and at once what waits', run: retry },
  ],
}

async function list(call: Call): Promise<Outcome> {
  return await withCurrentDatabase(call, async (database) => {
    const named = await recordedChannels(sqlStore(database), call.io.now())
    const channels = await Promise.all(
      named.map(async ({ name, kind }) => ({ name, kind, ...(await outboxRows(database, alertChannel(name)).counts()) })),
    )
    const rows = channels.map(({ name, kind, waiting: left, failed }) => [name, kind, String(left), String(failed)])
    const text =
      rows.length === 0 ? 'The application has no channels of alerts.' : table(['CHANNEL', 'KIND', 'WAITING', 'GIVEN UP'], rows)
    return done(text, { channels })
  })
}

async function waiting(call: Call): Promise<Outcome> {
  return await withChannel(call, async (database, name) => {
    const rows = outboxRows(database, alertChannel(name))
    const all = [...(await rows.list('failed', MOST_SHOWN)), ...(await rows.list('waiting', MOST_SHOWN))]
    const alertsLeft = all.map((row) => ({
      ...{ id: row.id, raised: row.created_at, attempts: row.attempts, why: row.last_error },
      next: row.failed_at === null ? row.due_at : null,
    }))
    const lines = alertsLeft.map(({ id, raised, attempts, next, why }) => [
      ...[id, instant(raised), String(attempts)],
      ...[next === null ? 'given up' : instant(next), why ?? '-'],
    ])
    const text = lines.length === 0 ? 'Nothing waits.' : table(['ID', 'RAISED', 'ATTEMPTS', 'NEXT', 'WHY IT WAITS'], lines)
    return done(text, { alerts: alertsLeft })
  })
}

async function test(call: Call): Promise<Outcome> {
  return await withChannel(call, async (database, name) => {
    const text = keysOf(call)
    if (text === undefined)
      throw new Refusal(
        3,
        'The key ring of the application is not known here. Set HOLDFAST_KEYS, or name its folder with --data.',
      )
    const { now } = call.io
    const outbox = createOutbox({ database, keys: parseKeyring(text), random: randomToken, now })
    const alert = makeAlert(TEST, randomToken(16), now())
    await database.transaction((tx) => outbox.add(tx, alertChannel(name), JSON.stringify(alert)))
    return done(`The application sends a test to ${name} within a quarter of a minute: see "holdfast alerts waiting ${name}".`, {
      alert: { id: alert.id, channel: name },
    })
  })
}

async function retry(call: Call): Promise<Outcome> {
  return await withChannel(call, async (database, name) => {
    const retried = await outboxRows(database, alertChannel(name)).retry(call.io.now())
    const what = `${retried} ${retried === 1 ? 'alert is' : 'alerts are'} due now.`
    return done(retried === 0 ? 'Nothing waits and nothing was given up.' : what, { retried })
  })
}

async function withChannel(call: Call, work: (database: Database, name: string) => Promise<Outcome>): Promise<Outcome> {
  const name = call.args[0]!
  return await withCurrentDatabase(call, async (database) => {
    const named = await recordedChannels(sqlStore(database), call.io.now())
    if (named.some((channel) => channel.name === name)) return await work(database, name)
    const known = named.map((channel) => channel.name).join(', ')
    return refused(
      'unknown-channel',
      `There is no channel ${shown(name)}. ${known === '' ? 'The application has none.' : `There are ${known}.`}`,
    )
  })
}
