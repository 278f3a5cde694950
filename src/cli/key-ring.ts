/** What `holdfast keys` does with the key ring: show it, add the next key, seal anew, and take away a key that nothing needs any more. */
import { generateKey, keyTime, listKeys, parseKeyring, type ListedKey } from '../crypto/keyring.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { sealedColumns } from '../database/sealed-columns.ts'
import { fieldColumn, reencrypt, sealedBy, type SealedColumn } from '../secrets/reencrypt.ts'
import { shown } from './arguments.ts'
import { done, refused, Refusal, verdict, type Action, type Call, type Outcome } from './command.ts'
import { readKeyFile, writeKeyFile } from './key-file.ts'
import { tell, withDatabase } from './open.ts'
import { progressBar } from './progress.ts'
import { instant, table } from './table.ts'

const FIELDS = {
  field: {
    type: 'string',
    multiple: true,
    value: 'TABLE.COLUMN',
    what: 'A column of fieldCipher in the same database, too; with another key than id: notes.text:note_id',
  },
} as const

/** As long as what it signed may live: refresh tokens longest. */
const SIGNED = '90d'

export const ringActions: readonly Action[] = [
  {
    name: 'status',
    args: [],
    what: 'The keys of the ring: which is current, which is to come, and how many rows each has sealed',
    options: FIELDS,
    run: status,
  },
  {
    name: 'rotate',
    args: [],
    what: 'Put a new key into the file of the ring, current after a while: restart all processes before',
    options: { in: { type: 'string', value: 'TIME', what: 'After how long: 30m, 12h [1h]' } },
    run: rotate,
  },
  {
    name: 'reencrypt',
    args: [],
    what: 'Seal anew what older keys have sealed, while the application runs; may be broken off and run again',
    options: FIELDS,
    run: renew,
  },
  {
    name: 'retire',
    args: ['KEY'],
    what: 'Take an old key out of the ring; refused while a row needs it, or what it signed may still live',
    options: {
      ...FIELDS,
      'signed-for': { type: 'string', value: 'TIME', what: `How long what it signed may live [${SIGNED}]` },
      'void-signed': { type: 'boolean', what: 'Do not wait for it: what it signed is void, as refresh tokens' },
    },
    run: retire,
  },
]

async function status(call: Call): Promise<Outcome> {
  const { text } = readKeyFile(call)
  const ring = parseKeyring(text, call.io.now)
  const used = await usedBy(call)
  const keys = listKeys(text).map(({ id, from }) => ({
    id,
    state: id === ring.current ? 'current' : from !== undefined && from > call.io.now() ? 'next' : 'previous',
    from: from ?? null,
    sealed: rowsOf(used, id),
  }))
  const lost = used.filter(({ keyId }) => !ring.ids.includes(keyId)).reduce((sum, { rows }) => sum + rows, 0)
  const rows = keys.map(({ id, state, from, sealed }) => [id, state, instant(from ?? undefined), String(sealed)])
  const warning = lost === 0 ? '' : `\n${lost} rows were sealed by a key that is not in the ring.`
  return done(table(['KEY', 'STATE', 'CURRENT FROM', 'ROWS SEALED'], rows) + warning, { keys, lost })
}

async function rotate(call: Call): Promise<Outcome> {
  const now = call.io.now()
  const { path, text } = readKeyFile(call)
  parseKeyring(text, call.io.now)
  const next = listKeys(text).find(({ from }) => from !== undefined && from > now)
  if (next) return refused('already-scheduled', `${next.id} is to be current from ${instant(next.from)} already.`)
  if (path === undefined) {
    return refused(
      'not-a-file',
      'The ring stands in HOLDFAST_KEYS itself. Add a key from "holdfast keys generate" there as ID@YYYYMMDDTHHMMSSZ:KEY, or keep the ring in a file and name it with HOLDFAST_KEYS_FILE.',
    )
  }
  const from = Math.ceil((now + lengthOf(call, 'in', '1h')) / 1000) * 1000
  const [id, value] = generateKey().split(':') as [string, string]
  const after = `${text},${id}@${keyTime(from)}:${value}`
  parseKeyring(after, call.io.now)
  await tell(call, { type: 'key_scheduled', data: { id, from, actor: 'cli' } })
  writeKeyFile(path, text, after)
  return done(
    `${id} is current from ${instant(from)}. Restart all processes before, so that each of them knows it; then run "holdfast keys reencrypt".`,
    { key: { id, from } },
  )
}

async function renew(call: Call): Promise<Outcome> {
  const keys = parseKeyring(readKeyFile(call).text, call.io.now)
  const columns = columnsOf(call)
  return await withDatabase(call, { make: false }, async (database) => {
    const result = await reencrypt({
      ...{ database, keys, columns },
      progress: (at) =>
        call.io.progress?.(progressBar(at.done / Math.max(at.total, 1), `${at.column}: ${at.done} of ${at.total}`)),
    })
    const { done: count, unreadable, left } = result
    const lost = unreadable.map(({ column, keyId, rows }) => `\n${column}: ${rows} that ${shown(keyId)} sealed cannot be opened.`)
    const text = `${count} sealed anew under ${keys.current}. ${left === 0 ? 'No older ones are left.' : `${left} older ones are left: run it again.`}${lost.join('')}`
    return verdict(unreadable.length === 0 && left === 0, text, result)
  })
}

async function retire(call: Call): Promise<Outcome> {
  const id = call.args[0]!
  const { path, text } = readKeyFile(call)
  const ring = parseKeyring(text, call.io.now)
  const keys = listKeys(text)
  if (!ring.ids.includes(id)) throw new Refusal(2, `There is no key ${shown(id)}. There are ${ring.ids.join(', ')}.`)
  if (id === ring.current) return refused('current', `${id} is the current key. Run "holdfast keys rotate" first.`)
  const refusal = call.flag('void-signed') ? undefined : stillSigned(call, keys, id)
  if (refusal) return refused('signed', refusal)
  const rows = rowsOf(await usedBy(call), id)
  if (rows > 0) return refused('sealed', `${rows} rows are sealed by ${id}. Run "holdfast keys reencrypt" first.`)
  if (path === undefined)
    return done(`Nothing uses ${id} any more. Take it out of HOLDFAST_KEYS.`, { key: { id }, removed: false })
  const rest = keys.filter((key) => key.id !== id).map(({ entry }) => entry)
  parseKeyring(rest.join(','), call.io.now)
  await tell(call, { type: 'key_retired', data: { id, actor: 'cli' } })
  writeKeyFile(path, text, rest.join(','))
  return done(`${id} is out of the ring. Processes forget it when they are restarted.`, { key: { id }, removed: true })
}

/** Why what the key signed may still be needed: what replaced it must have done so long ago. */
function stillSigned(call: Call, keys: readonly ListedKey[], id: string): string | undefined {
  const signed = lengthOf(call, 'signed-for', SIGNED)
  const own = keys.find((key) => key.id === id)!.from ?? Number.NEGATIVE_INFINITY
  const later = keys.flatMap(({ from }) => (from !== undefined && from > own ? [from] : []))
  if (own > call.io.now()) return undefined // never current: it signed nothing
  if (later.length === 0) {
    return `The ring does not say since when ${id} signs no more. When what it signed has run out, or may be void: --void-signed.`
  }
  const since = Math.min(...later)
  if (since + signed <= call.io.now()) return undefined
  return `What ${id} signed may live until ${instant(since + signed)}. Wait, say with --signed-for how long it lives, or make it void with --void-signed.`
}

async function usedBy(call: Call) {
  return await withDatabase(call, { make: false }, (database) => sealedBy(database, columnsOf(call)))
}

function rowsOf(used: Awaited<ReturnType<typeof sealedBy>>, id: string): number {
  return used.filter(({ keyId }) => keyId === id).reduce((sum, { rows }) => sum + rows, 0)
}

function columnsOf(call: Call): readonly SealedColumn[] {
  return [...sealedColumns, ...(call.list('field') ?? []).map(readField)]
}

function readField(text: string): SealedColumn {
  const match = /^(?<column>[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)(?::(?<key>[a-z][a-z0-9_]*))?$/.exec(text)?.groups
  if (match === undefined) throw new Refusal(2, `--field ${shown(text)} is no column. Write table.column, or table.column:key.`)
  return fieldColumn(match['column']!, match['key'])
}

function lengthOf(call: Call, option: string, usual: Duration): number {
  return milliseconds(`--${option}`, (call.option(option) as Duration | undefined) ?? usual)
}
