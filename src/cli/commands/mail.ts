/** `holdfast mail`: what waits to be sent, what was given up and why, and whether letters leave at all. */
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Option, type Outcome } from '../command.ts'
import type { MailDesk, Waiting } from '../mail-desk.ts'
import { instant, table } from '../table.ts'

const LIMIT: Option = { type: 'string', value: 'COUNT', what: 'At most so many [100]' }
const MOST = 10_000

export const mail: Command = {
  name: 'mail',
  what: 'Show letters that wait or were given up, and try how letters leave',
  more: 'What was given up is kept for 30 days. The links in it are never shown; to whom it goes is, where the key ring is known.',
  actions: [
    { name: 'list', args: [], what: 'The letters that wait to be sent, the oldest first', options: { limit: LIMIT }, run: list },
    {
      name: 'show-failed',
      args: [],
      what: 'The letters that were given up, and why',
      options: { limit: LIMIT },
      run: showFailed,
    },
    {
      name: 'retry',
      args: ['[ID]'],
      what: 'Send again what was given up, or one of it, and at once what waits for its next attempt',
      run: retry,
    },
    { name: 'test', args: ['ADDRESS'], what: 'Send a letter as HOLDFAST_MAIL says, and tell what came of it', run: sendTest },
  ],
}

async function list(call: Call): Promise<Outcome> {
  return await withDesk(call, async (desk) => {
    const [waiting, { failed }] = [await desk.list('waiting', limitOf(call)), await desk.counts()]
    const rows = waiting.map((row) => [...common(row), instant(row.next), row.why ?? '-'])
    const text =
      rows.length === 0 ? 'No letter waits.' : table(['ID', 'LETTER', 'TO', 'WRITTEN', 'ATTEMPTS', 'NEXT', 'WHY IT WAITS'], rows)
    return done(failed === 0 ? text : `${text}\n${failed} given up: holdfast mail show-failed`, { waiting, failed })
  })
}

async function showFailed(call: Call): Promise<Outcome> {
  return await withDesk(call, async (desk) => {
    const failed = await desk.list('failed', limitOf(call))
    const rows = failed.map((row) => [...common(row), instant(row.failedAt), row.why ?? '-'])
    const text =
      rows.length === 0
        ? 'No letter was given up.'
        : table(['ID', 'LETTER', 'TO', 'WRITTEN', 'ATTEMPTS', 'GIVEN UP', 'WHY'], rows)
    return done(text, { failed })
  })
}

async function retry(call: Call): Promise<Outcome> {
  const [id] = call.args
  return await withDesk(call, async (desk) => {
    const retried = await desk.retry(id)
    if (id !== undefined && retried === 0) return refused('unknown-letter', `No letter ${shown(id)} waits or was given up.`)
    const text = `${retried} ${retried === 1 ? 'letter is' : 'letters are'} due now. The application sends within a quarter of a minute.`
    return done(retried === 0 ? 'No letter waits or was given up.' : text, { retried })
  })
}

async function sendTest(call: Call): Promise<Outcome> {
  const { sendTestLetter } = await import('../mail-desk.ts')
  const result = await sendTestLetter(call, call.args[0]!)
  if (!result.ok) return refused('not-sent', result.why)
  return done(`${result.where} The letter is ${result.id}.`, { sent: { id: result.id, transport: result.transport } })
}

async function withDesk(call: Call, work: (desk: MailDesk) => Promise<Outcome>): Promise<Outcome> {
  const { withMailDesk } = await import('../mail-desk.ts')
  return await withMailDesk(call, work)
}

function common({ id, letter, to, writtenAt, attempts }: Waiting): string[] {
  return [id, letter ?? '-', to ?? '-', instant(writtenAt), String(attempts)]
}

function limitOf(call: Call): number {
  const text = call.option('limit') ?? '100'
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MOST) return limit
  throw new Refusal(2, `--limit is ${shown(text)}. Give a whole number from 1 to ${MOST}.`)
}
