/** The office of mail: what was put into the outbox is made a letter and given to the transport. */
import { createHash, createSecretKey } from 'node:crypto'
import type { Posted } from '../accounts/letters/index.ts'
import { MAIL_CHANNEL } from '../accounts/mail/post.ts'
import { hmac } from '../crypto/hmac.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Site } from '../engine/control.ts'
import type { Emit } from '../engine/events.ts'
import { checkMessage, type MailMessage } from '../mail/message.ts'
import { MailError } from '../mail/transport.ts'
import type { Mail } from '../settings/mail-options.ts'
import type { HoldfastOptions } from '../options.ts'
import type { Database } from '../store/database.ts'
import { createOutbox, type Outbox } from '../store/outbox.ts'
import { outboxRows, type OutboxRow } from '../store/outbox-rows.ts'
import { afterEachAdd, RETRYING, startOutboxWorker } from '../store/outbox-worker.ts'

/** What may be done with mail by hand. */
export interface MailOffice {
  /** Sends what is due, and resolves when nothing is any more: for tests, and for programs that end. */
  flush(): Promise<void>
}

/** How long one letter may take; a transport has shorter times of its own. */
const PATIENCE = 120_000
/** And how long when the process ends. */
const GRACE = 10_000
/** How long a letter that was given up can be sent after all. Every link in it is void by then. */
const KEPT = 30 * 86_400_000

/** Doors that need mail may be open where there is some, unless they are told otherwise. */
export function withMail(options: HoldfastOptions): HoldfastOptions {
  const { signIn } = options
  if (signIn === false || (signIn !== undefined && 'insecureOff' in signIn)) return options
  return { ...options, signIn: { mail: options.mail !== undefined, ...signIn } }
}

export interface MailingSetting {
  /** Absent: no letters are sent. */
  readonly mail: Mail | undefined
  readonly database: Database
  readonly keys: KeyRing
  readonly site: Site
  /** Has the name in the letters where `mail` has none. */
  readonly signIn: { readonly brand: string } | undefined
  readonly emit: Emit
  readonly onFault: (error: unknown, requestId: undefined) => void
  readonly now: () => number
  readonly random: (bytes: number) => string
}

export interface Mailing extends MailOffice {
  /** For accounts: a transaction on it that wrote a letter sends it when it is over. */
  readonly database: Database
  readonly outbox: Outbox
  /** Forgets what was given up long ago. */
  sweep(now: number): Promise<number>
  /** Lets end what is under way. */
  stop(): Promise<void>
}

/** Opens the office, where there is mail. */
export function openMailing(setting: MailingSetting): Mailing | undefined {
  const { mail, keys, emit, now } = setting
  if (mail === undefined) return undefined
  const { transport } = mail
  for (const { setting: name, reason } of mail.weaker) emit({ type: 'sys_insecure_setting', data: { setting: name, reason } })
  const rows = outboxRows(setting.database, MAIL_CHANNEL)
  const plain = createOutbox(setting)
  const compose = composer(mail, setting, plain)
  const mark = marker(keys)
  const told = (row: OutboxRow) => ({ id: row.id, to: mark(plain, row), attempts: row.attempts, transport: transport.name })
  const worker = startOutboxWorker({
    rows,
    send: async (row, signal) => await transport.send(await compose(row), signal),
    isFinal: (error) => error instanceof MailError && error.permanent,
    describe: (error) => (error instanceof MailError ? error.message : 'The transport failed.'),
    told: {
      sent: (row) => emit({ type: 'mail_sent', data: told(row) }),
      failed: (row, why, dueAt) =>
        emit({ type: 'mail_failed', data: { ...told(row), why, again: new Date(dueAt).toISOString() } }),
      givenUp: (row, why) => emit({ type: 'mail_given_up', data: { ...told(row), why } }),
    },
    onFault: (error) => setting.onFault(error, undefined),
    now,
    background: mail.background,
    parallel: transport.parallel ?? 1,
    patience: PATIENCE,
    grace: GRACE,
    retrying: RETRYING,
  })
  return {
    ...afterEachAdd(setting.database, plain, worker.nudge),
    flush: worker.flush,
    sweep: (at) => rows.forget(at - KEPT),
    async stop() {
      await worker.stop()
      await transport.close?.()
    },
  }
}

/** Makes the message of a row: the same one at each attempt. The letters are loaded when the first one leaves. */
function composer(mail: Mail, { site, signIn }: MailingSetting, outbox: Outbox): (row: OutboxRow) => Promise<MailMessage> {
  const setting = { brand: mail.brand ?? signIn?.brand ?? site.hostname, origin: site.origin }
  const domain = /^[A-Za-z0-9.-]+$/.test(site.hostname) ? site.hostname : 'localhost' // an IPv6 address in brackets is no domain
  return async (row) => {
    const posted = read(outbox, row)
    if (posted === undefined) throw new MailError('No key of the ring opens the letter.')
    const { renderLetter } = await import('../accounts/letters/render.ts')
    const id = `<${createHash('sha256').update(row.id).digest('base64url').slice(0, 24)}@${domain}>`
    const name = mail.from.name ?? setting.brand
    const from = { name, address: mail.from.address }
    return checkMessage({ id, from, to: posted.to, date: row.created_at, ...renderLetter(posted, setting) })
  }
}

function read(outbox: Outbox, row: OutboxRow): Posted | undefined {
  const body = outbox.open(row)
  return body === undefined ? undefined : (JSON.parse(body) as Posted)
}

/** An address as the log may hold it: the same for one address, useless to who has not our keys (CWE-532). */
function marker(keys: Pick<KeyRing, 'subkey'>): (outbox: Outbox, row: OutboxRow) => string | undefined {
  const key = createSecretKey(keys.subkey('mail/address'))
  return (outbox, row) => {
    const posted = read(outbox, row)
    return posted && hmac(key, posted.to.toLowerCase()).slice(0, 22)
  }
}
