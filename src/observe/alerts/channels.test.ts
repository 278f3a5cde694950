import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { alertServer } from '../../../test/support/alert-server.ts'
import { capturingTransport } from '../../../test/support/mail.ts'
import { MailError } from '../../mail/transport.ts'
import { createOutbound } from '../../outbound/index.ts'
import { makeAlert, type Alert } from './alert.ts'
import { AlertError, type ChannelDefinition, type ChannelSetting } from './channel.ts'
import { file, mail, pagerDuty, slack, webhook } from './channels/index.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-channels-'))
after(() => rmSync(root, { recursive: true, force: true }))

const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const OLD = `whsec_${randomBytes(24).toString('base64')}`
const KEY = 'e93facc04764012d7bfb002500d5d1a6'
const NOW = Date.now()
const ALERT = makeAlert(
  {
    ...{ key: 'incident:7', kind: 'incident', state: 'open', severity: 'high' },
    title: 'Credential stuffing <!channel> & more',
    text: 'From evil.example, 40 names.',
    facts: { client: '192.0.2.1', path: '/<script>' },
    link: 'https://app.example/account/incidents/7',
  },
  'A1b2C3d4E5f6G7h8',
  NOW,
)

function opened(definition: ChannelDefinition, more: Partial<ChannelSetting> = {}) {
  const setting: ChannelSetting = {
    ...{ origin: 'https://app.example', mail: undefined, now: () => NOW },
    outbound: (reach) => createOutbound(reach),
    ...more,
  }
  const channel = definition.open('alerts.channels.ops', setting)
  return (alert: Alert = ALERT) => channel.send(alert, AbortSignal.timeout(5000))
}

const isFinal = (permanent: boolean) => (error: unknown) => error instanceof AlertError && error.permanent === permanent

describe('a webhook', () => {
  it('is signed as Standard Webhooks has it, which its own library confirms, and nothing else', async () => {
    await using server = await alertServer()
    await opened(webhook({ url: server.url, secret: SECRET, ...server.reach }))()
    const [{ headers, body }] = server.taken as [(typeof server.taken)[number]]
    const signed = headers as Record<string, string>
    const payload = new Webhook(SECRET).verify(body, signed) as { type: string; data: Alert }
    assert.deepEqual(
      [payload.type, payload.data.key, payload.data.facts['client']],
      ['alert.incident.open', 'incident:7', '192.0.2.1'],
    )
    assert.throws(() => new Webhook(OLD).verify(body, signed), /signature/i)
    assert.throws(() => new Webhook(SECRET).verify(body.replace('high', 'low'), signed), /signature/i)
    assert.throws(() => new Webhook(SECRET).verify(body, { ...signed, 'webhook-id': 'other' }), /signature/i)
  })

  it('has the same id at every attempt, and the time of the attempt', async () => {
    await using server = await alertServer()
    let now = NOW
    const send = opened(webhook({ url: server.url, secret: SECRET, ...server.reach }), { now: () => now })
    await send()
    now += 60_000
    await send()
    const [first, second] = server.taken.map(({ headers }) => headers)
    assert.equal(first!['webhook-id'], second!['webhook-id'])
    assert.equal(Number(second!['webhook-timestamp']) - Number(first!['webhook-timestamp']), 60)
    assert.notEqual(first!['webhook-signature'], second!['webhook-signature'])
  })

  it('is signed by both secrets while one replaces the other', async () => {
    await using server = await alertServer()
    await opened(webhook({ url: server.url, secret: [SECRET, OLD], ...server.reach }))()
    const [{ headers, body }] = server.taken as [(typeof server.taken)[number]]
    for (const secret of [SECRET, OLD]) assert.ok(new Webhook(secret).verify(body, headers as Record<string, string>))
  })

  it('is tried again after what passes, and not after 410; it follows nobody elsewhere', async () => {
    await using server = await alertServer()
    await using elsewhere = await alertServer()
    const send = opened(webhook({ url: server.url, secret: SECRET, ...server.reach }))
    for (const [status, final] of [
      [500, false],
      [429, false],
      [404, false],
      [410, true],
    ] as const) {
      server.answer = { status }
      await assert.rejects(send(), isFinal(final), String(status))
    }
    server.answer = { status: 307, headers: { location: elsewhere.url } }
    await assert.rejects(send(), /answered 307/)
    assert.deepEqual(elsewhere.taken, [])
  })

  it('goes to no private address unless that is said, whatever the name resolves to', async () => {
    const resolve = () => Promise.resolve(['10.0.0.1'])
    const send = opened(webhook({ url: 'https://hooks.example/x', secret: SECRET }), {
      outbound: (reach) => createOutbound({ ...reach, resolve }),
    })
    await assert.rejects(send(), (error: Error) => /not reached: address/.test(error.message) && !error.message.includes('/x'))
  })

  it('is refused at start-up when it cannot be meant, without saying the secret', () => {
    for (const [url, secret] of [
      ['http://hooks.example/x', SECRET],
      ['hooks.example', SECRET],
      ['https://me:pass-word@hooks.example', SECRET],
      ['https://hooks.example', 'whsec_c2hvcnQ='],
      ['https://hooks.example', `whsec_${'A'.repeat(32)}`],
      ['https://hooks.example', 'hunter2-hunter2-hunter2-hunter2'],
    ] as const)
      assert.throws(
        () => opened(webhook({ url, secret })),
        (error: Error) => /HF_OPTION_INVALID/.test(error.message) && !/pass-word|c2hvcnQ|hunter2/.test(error.message),
      )
    assert.throws(() => opened(webhook({ url: 'https://x.example', secret: [SECRET, OLD, SECRET] })), /new one and the old one/)
  })
})

describe('a message to Slack', () => {
  it('mentions nobody and makes no link of what strangers wrote', async () => {
    await using server = await alertServer()
    await opened(slack({ url: server.url, ...server.reach }))()
    const message = JSON.parse(server.taken[0]!.body) as {
      text: string
      blocks: { type: string; text?: { type: string; text: string } }[]
    }
    assert.equal(message.text, '[high] Credential stuffing &lt;!channel&gt; &amp; more')
    const marked = message.blocks.filter(({ text }) => text?.type === 'mrkdwn')
    assert.deepEqual(
      marked.map(({ text }) => text!.text),
      ['<https://app.example/account/incidents/7|Open>'],
    )
  })

  it('is not sent again to a webhook that is gone', async () => {
    await using server = await alertServer()
    const send = opened(slack({ url: server.url, ...server.reach }))
    for (const [status, final] of [
      [404, true],
      [410, true],
      [403, true],
      [429, false],
      [500, false],
    ] as const) {
      server.answer = { status }
      await assert.rejects(send(), isFinal(final), String(status))
    }
  })
})

describe('an event for PagerDuty', () => {
  it('triggers under one key a matter, and resolves it', async () => {
    await using server = await alertServer()
    server.answer = { status: 202 }
    const send = opened(pagerDuty({ routingKey: KEY, url: server.url, ...server.reach }))
    await send()
    await send({ ...ALERT, state: 'resolved' })
    const [trigger, resolve] = server.taken.map(({ body }) => JSON.parse(body) as Record<string, any>)
    assert.deepEqual([trigger!['event_action'], trigger!['dedup_key'], trigger!['routing_key']], ['trigger', 'incident:7', KEY])
    assert.deepEqual([trigger!['payload'].severity, trigger!['payload'].source], ['error', 'app.example'])
    assert.deepEqual(resolve, { routing_key: KEY, event_action: 'resolve', dedup_key: 'incident:7' })
  })

  it('is not sent again when it was refused as bad', async () => {
    await using server = await alertServer()
    const send = opened(pagerDuty({ routingKey: KEY, url: server.url, ...server.reach }))
    for (const [status, final] of [
      [400, true],
      [429, false],
      [500, false],
    ] as const) {
      server.answer = { status }
      await assert.rejects(send(), isFinal(final))
    }
    assert.throws(() => opened(pagerDuty({ routingKey: 'short' })), /32 letters and digits/)
  })
})

describe('a letter', () => {
  it('goes to each recipient, with the same Message-ID at every attempt, and no link that is not ours', async () => {
    const transport = capturingTransport()
    const from = { name: 'Acme', address: 'noreply@app.example' }
    const send = opened(mail({ to: ['ada@app.example', 'bob@app.example'] }), { mail: { transport, from } })
    await send()
    await send()
    assert.deepEqual(
      transport.sent.map(({ to }) => to),
      ['ada@app.example', 'bob@app.example', 'ada@app.example', 'bob@app.example'],
    )
    const [first, other, again] = transport.sent
    assert.ok(first!.id === again!.id && first!.id !== other!.id)
    assert.equal(first!.subject, 'app.example: [high] Credential stuffing <!channel> & more')
    assert.doesNotMatch(first!.text, /evil\.example/)
    assert.match(first!.html, /&lt;script&gt;/)
    assert.deepEqual(first!.html.match(/href="[^"]+"/g), ['href="https://app.example/account/incidents/7"'])
  })

  it('says whether the mail server refused it for good', async () => {
    const transport = {
      name: 'x',
      send: () => Promise.reject(new MailError('The mail server answered 550.', { permanent: true })),
    }
    const send = opened(mail({ to: 'ada@app.example' }), {
      mail: { transport, from: { name: undefined, address: 'a@app.example' } },
    })
    await assert.rejects(send(), isFinal(true))
  })

  it('needs the option mail, and bare addresses', () => {
    assert.throws(() => opened(mail({ to: 'ada@app.example' })), /there is no mail/)
    assert.throws(() => opened(mail({ to: 'Ada <ada@app.example>' })), /bare address/)
    assert.throws(() => opened(mail({ to: [] })), /1? to 20 addresses/)
  })
})

describe('a file of alerts', () => {
  it('has one line an alert, whatever stands in it, and is its owner’s alone', async () => {
    const path = join(root, 'deep', 'alerts.jsonl')
    const send = opened(file({ path }))
    await send({ ...ALERT, text: 'a\nb\u2028c\u202e' })
    await send()
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as Alert).id),
      [ALERT.id, ALERT.id],
    )
    assert.doesNotMatch(lines.join(''), /[\u2028\u202e]/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('says that it cannot be written, and is tried again', async () => {
    await assert.rejects(opened(file({ path: '/dev/null/alerts' }))(), isFinal(false))
  })
})
