/** The option `mail`, and the office behind it: what was put into the outbox is made a letter and given to the transport. */
import { createHash, createSecretKey } from 'node:crypto'
import type { Posted } from './accounts/letters/index.ts'
import { renderLetter } from './accounts/letters/render.ts'
import { MAIL_CHANNEL } from './accounts/post.ts'
import { hmac } from './crypto/hmac.ts'
import type { KeyRing } from './crypto/keyring.ts'
import type { Site } from './engine/control.ts'
import type { Emit } from './engine/events.ts'
import { HoldfastError } from './engine/errors.ts'
import { refuseUnknown } from './engine/options.ts'
import { checkMessage, readMailbox, type Mailbox, type MailMessage } from './mail/message.ts'
import { MailError, type MailTransport } from './mail/transport.ts'
import type { HoldfastOptions } from './options.ts'
import type { Database } from './store/database.ts'
import { createOutbox, type Outbox } from './store/outbox.ts'
import { outboxRows, type OutboxRow } from './store/outbox-rows.ts'
import { afterEachAdd, RETRYING, startOutboxWorker } from './store/outbox-worker.ts'

export interface MailOptions {
  /** Who sends: `noreply@app.example` or `Acme <noreply@app.example>`. */
  readonly from: string
  /** How letters leave. */
  readonly transport: MailTransport
  /** The name in the letters. @default that of `signIn.brand` */
  readonly brand?: string
}

/** `mail` as it was read. */
export interface Mail {
  readonly from: Mailbox
  readonly transport: MailTransport
  readonly brand: string | undefined
}

/** What may be done with mail by hand. */
export interface MailOffice {
  /** Sends what is due, and resolves when nothing is any more: for tests, and for programs that end. */
  flush(): Promise<void>
}

const NAMES = ['from', 'transport', 'brand']
const LONGEST_BRAND = 80
/** How long one letter may take; a transport has shorter times of its own. */
const PATIENCE = 120_000

/** Throws HF_MAIL_INVALID for what cannot work; `undefined` where there is no mail. */
export function readMail(options: MailOptions | undefined): Mail | undefined {
  if (options === undefined) return undefined
  refuseUnknown('mail', options, NAMES)
  const { from, transport, brand } = options
  const sender = typeof from === 'string' ? readMailbox(from) : undefined
  if (sender === undefined) {
    throw new HoldfastError('HF_MAIL_INVALID', `mail.from is ${JSON.stringify(from)}, which is not an address of mail.`, {
      fix: `Write 'noreply@app.example' or 'Acme <noreply@app.example>'.`,
    })
  }
  if (brand !== undefined && !isBrand(brand)) {
    throw new HoldfastError('HF_MAIL_INVALID', 'mail.brand is not a name.', { fix: 'Write 1 to 80 characters on one line.' })
  }
  if (typeof transport?.send !== 'function' || typeof transport.name !== 'string') {
    throw new HoldfastError('HF_MAIL_INVALID', 'mail.transport is not a transport.', {
      fix: 'Give an object with `name` and `send(message)`.',
    })
  }
  return { from: sender, transport, brand }
}

/** Doors that need mail may be open where there is some, unless they are told otherwise. */
export function withMail(options: HoldfastOptions): HoldfastOptions {
  const { signIn } = options
  if (signIn === false || (signIn !== undefined && 'insecureOff' in signIn)) return options
  return { ...options, signIn: { mail: options.mail !== undefined, ...signIn } }
}

/** Throws HF_MAIL_MISSING when a page waits for links that nobody is sent. */
export function refuseDeadLinks(
  signIn: { readonly pages: readonly { readonly path: string; readonly link?: string }[] } | undefined,
): void {
  const waiting = signIn?.pages.find(({ link }) => link !== undefined)
  if (waiting === undefined) return
  throw new HoldfastError('HF_MAIL_MISSING', `${waiting.path} takes the links of letters, and there is no mail.`, {
    fix: 'Give the option `mail`, or leave out the option of `signIn` that opens this page.',
  })
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
  /** Lets end what is under way. */
  stop(): Promise<void>
}

/** Opens the office, where there is mail. */
export function openMailing(setting: MailingSetting): Mailing | undefined {
  const { mail, keys, emit, now } = setting
  if (mail === undefined) return undefined
  const { transport } = mail
  const rows = outboxRows(setting.database, MAIL_CHANNEL)
  const plain = createOutbox(setting)
  const compose = composer(mail, setting, plain)
  const mark = marker(keys)
  const told = (row: OutboxRow) => ({ id: row.id, to: mark(plain, row), attempts: row.attempts, transport: transport.name })
  const worker = startOutboxWorker({
    rows,
    send: async (row) => await transport.send(compose(row)),
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
    parallel: transport.parallel ?? 1,
    patience: PATIENCE,
    retrying: RETRYING,
  })
  return {
    ...afterEachAdd(setting.database, plain, worker.nudge),
    flush: worker.flush,
    async stop() {
      await worker.stop()
      await transport.close?.()
    },
  }
}

/** Makes the message of a row: the same one at each attempt. */
function composer(mail: Mail, { site, signIn }: MailingSetting, outbox: Outbox): (row: OutboxRow) => MailMessage {
  const setting = { brand: mail.brand ?? signIn?.brand ?? site.hostname, origin: site.origin }
  const domain = /^[A-Za-z0-9.-]+$/.test(site.hostname) ? site.hostname : 'localhost' // an IPv6 address in brackets is no domain
  return (row) => {
    const posted = read(outbox, row)
    if (posted === undefined) throw new MailError('No key of the ring opens the letter.')
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

function isBrand(brand: unknown): boolean {
  return typeof brand === 'string' && brand.trim() !== '' && brand.length <= LONGEST_BRAND && !/\p{Cc}/u.test(brand)
}
