/** What the command does with mail: reads the outbox of the application beside it, and sends a letter of its own. */
import { frame } from '../accounts/letters/frame.ts'
import type { Posted } from '../accounts/letters/index.ts'
import { MAIL_CHANNEL } from '../accounts/mail/post.ts'
import { parseKeyring } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import { html } from '../html/html.ts'
import { isBareAddress } from '../mail/message.ts'
import { readMail } from '../settings/mail-options.ts'
import { readSite } from '../settings/site.ts'
import { createOutbox, type Outbox } from '../store/outbox.ts'
import { outboxRows, type OutboxCounts, type OutboxRow } from '../store/outbox-rows.ts'
import { shown } from './arguments.ts'
import { Refusal, type Call } from './command.ts'
import { keysOf, settingsOf, withCurrentDatabase } from './open.ts'

/** A letter, without what is in it. */
export interface Waiting {
  readonly id: string
  /** Its name and to whom it goes: where the key ring is known. */
  readonly letter: string | undefined
  readonly to: string | undefined
  readonly writtenAt: number
  readonly attempts: number
  /** When it is tried again. */
  readonly next: number
  readonly failedAt: number | undefined
  readonly why: string | undefined
}

export interface MailDesk {
  list(which: 'waiting' | 'failed', limit: number): Promise<Waiting[]>
  counts(): Promise<OutboxCounts>
  retry(id: string | undefined): Promise<number>
}

export type Tested =
  | { readonly ok: true; readonly id: string; readonly transport: string; readonly where: string }
  | { readonly ok: false; readonly why: string }

/** Gives it to `work`. A database that is not there is not made, and one that is behind is refused. */
export async function withMailDesk<T>(call: Call, work: (desk: MailDesk) => Promise<T>): Promise<T> {
  const { now } = call.io
  return await withCurrentDatabase(call, async (database) => {
    const rows = outboxRows(database, MAIL_CHANNEL)
    const keys = keysOf(call)
    const outbox = keys === undefined ? undefined : createOutbox({ database, keys: parseKeyring(keys), random: randomToken, now })
    return await work({
      list: async (which, limit) => (await rows.list(which, limit)).map((row) => visible(row, outbox)),
      counts: () => rows.counts(),
      retry: (id) => rows.retry(now(), id),
    })
  })
}

function visible(row: OutboxRow, outbox: Outbox | undefined): Waiting {
  const body = outbox?.open(row)
  const { letter, to }: Partial<Posted> = body === undefined ? {} : (JSON.parse(body) as Posted)
  return {
    ...{ id: row.id, letter, to },
    writtenAt: row.created_at,
    attempts: row.attempts,
    next: row.due_at,
    failedAt: row.failed_at ?? undefined,
    why: row.last_error ?? undefined,
  }
}

/** Sends one letter past the outbox. Throws a Refusal where no way for letters is set, and HoldfastError where it cannot work. */
export async function sendTestLetter(call: Call, to: string): Promise<Tested> {
  const settings = settingsOf(call)
  if (!isBareAddress(to)) throw new Refusal(2, `${shown(to)} is not an address of mail.`)
  if (settings.mail === undefined) {
    throw new Refusal(3, 'No way for letters is set. Give HOLDFAST_MAIL the URL of a mail server: smtps://user:password@host')
  }
  const { origin, hostname } = readSite(settings.origin)
  const { from, transport } = readMail(settings.mail, { production: true, hostname, now: call.io.now() })!
  const id = `<${randomToken(16)}@${/^[\w.-]+$/.test(hostname) ? hostname : 'localhost'}>`
  try {
    await transport.send(
      { id, from, to, date: call.io.now(), ...testLetter(from.name ?? hostname, origin) },
      AbortSignal.timeout(60_000),
    )
    const folder =
      typeof settings.mail.transport === 'object' && 'file' in settings.mail.transport ? settings.mail.transport.file : undefined
    const where = folder === undefined ? `Sent by ${transport.name}.` : `Written into ${folder}.`
    return { ok: true, id, transport: transport.name, where }
  } catch (error) {
    return { ok: false, why: (error as Error).message }
  } finally {
    await transport.close?.()
  }
}

function testLetter(brand: string, origin: string) {
  const subject = `A letter from ${brand} to try the way`
  const words = `Somebody asked ${brand} to send this letter, to see whether letters arrive. There is nothing to do.`
  return {
    subject,
    text: `${words}\n`,
    html: frame({ title: subject, body: html`<p>${words}</p>` }, { brand, origin }).toString(),
  }
}
