/** `holdfast detections`: what is looked for, how strictly and why; a trial of each, and a key for a trap. */
import { hint } from '../../engine/suggest.ts'
import type { Detected } from '../../observe/detected.ts'
import type { Chosen } from '../../observe/detecting/runtime.ts'
import type { ListedDetection } from '../../recorded/detections.ts'
import { shown } from '../arguments.ts'
import { done, found, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { table } from '../table.ts'

export const detections: Command = {
  name: 'detections',
  what: 'Show what is looked for in what happens, and try it',
  more: [
    'States: on, dry-run (told and kept, nothing answers by itself), off.',
    'They are those of the application that started here last, and the defaults where none has.',
  ].join('\n'),
  actions: [
    { name: 'list', args: ['[NAME]'], what: 'All of them, or one with thresholds and reason', run: list },
    { name: 'test', args: ['NAME'], what: 'Fire one by its replay, in memory, and say what would answer', run: test },
    { name: 'decoy-key', args: [], what: 'Make an API key that opens nothing, for honeytokens.apiKeys', run: decoyKey },
  ],
}

interface Known {
  readonly chosen: readonly Chosen[]
  /** Whether they are an application's own. */
  readonly own: boolean
}

/** What an application left here, or the defaults. */
async function known(call: Call): Promise<Known> {
  const [{ recordedDetections }, { readDetections }, list, { withStore }] = await Promise.all([
    import('../../recorded/detections.ts'),
    import('../../observe/detecting/options.ts'),
    import('../../observe/detections/index.ts'),
    import('../open.ts'),
  ])
  const recorded = await withStore(call, (once) => recordedDetections(once, call.io.now())).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined
    throw error
  })
  return { chosen: recorded ?? readDetections(list.detections).chosen, own: recorded !== undefined }
}

async function list(call: Call): Promise<Outcome> {
  const { listChosen } = await import('../../recorded/detections.ts')
  const { chosen, own } = await known(call)
  const [name] = call.args
  if (name !== undefined) {
    const [one] = listChosen([find(chosen, name)])
    return done(details(one!), one)
  }
  const all = listChosen(chosen)
  const rows = all.map(({ name: its, state, severity, thresholds }) => [its, state, severity, changed(thresholds)])
  const note = own ? '' : '\n\nThese are the defaults: no application has left its own here.'
  return done(`${table(['DETECTION', 'STATE', 'SEVERITY', 'CHANGED THRESHOLDS'], rows)}${note}`, all)
}

function changed(thresholds: ListedDetection['thresholds']): string {
  const own = Object.entries(thresholds).filter(([, { value, default: usual }]) => value !== usual)
  return own.map(([name, { value, kind }]) => `${name} ${written(value, kind)}`).join(', ') || '-'
}

function details({ name, state, severity, why, anchors, thresholds, automatic, offered }: ListedDetection): string {
  const rows = Object.entries(thresholds).map(([key, { value, default: usual, kind, what }]) => [
    key,
    written(value, kind),
    value === usual ? '' : `default ${written(usual, kind)}`,
    what,
  ])
  return [
    `${name}: ${state}, ${severity}`,
    why,
    `Rests on: ${anchors.join(', ')}`,
    `Answered at once by: ${automatic.join(', ') || 'nothing'}. Offered: ${offered.join(', ') || 'nothing'}.`,
    ...(rows.length === 0 ? ['It has no thresholds: once is enough.'] : ['', table(['THRESHOLD', 'VALUE', '', 'MEANING'], rows)]),
  ].join('\n')
}

function written(value: number, kind: string): string {
  if (kind !== 'time') return String(value)
  for (const [size, unit] of UNITS) if (value >= size && value % size === 0) return `${value / size}${unit}`
  return `${value}ms`
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const

async function test(call: Call): Promise<Outcome> {
  const [{ fireReplay }, { randomToken }] = await Promise.all([
    import('../../observe/detecting/fire.ts'),
    import('../../crypto/random.ts'),
  ])
  const { chosen } = await known(call)
  const one = find(chosen, call.args[0]!)
  const { detection, state, thresholds } = one
  const replay = detection.replay.fires(thresholds)
  const fired = await fireReplay([{ ...one, state: state === 'off' ? 'dry-run' : state }], replay, { random: randomToken })
  if (fired.length === 0)
    return found(`${detection.name} did not fire at its replay of ${replay.length} signals.`, { state, fired })
  return done(`${tell(fired[0]!, replay.length)}${state === 'off' ? '\nIt is off: of an attack nobody would be told.' : ''}`, {
    state,
    fired,
  })
}

function tell({ detection, severity, why, actors, targets, automatic, offered, dryRun }: Detected, signals: number): string {
  const texts = (subjects: Detected['actors']) => subjects.map(({ kind, value }) => `${kind} ${value}`).join(', ') || '-'
  return [
    `${detection} fired at its replay of ${signals} signals (${severity}): ${why}.`,
    `By: ${texts(actors)}`,
    `At: ${texts(targets)}`,
    `At once: ${dryRun ? 'nothing, this is a dry run' : automatic.join(', ') || 'nothing'}`,
    `Offered: ${offered.join(', ') || 'nothing'}`,
  ].join('\n')
}

function find(chosen: readonly Chosen[], name: string): Chosen {
  const names = chosen.map(({ detection }) => detection.name)
  const found = chosen.find(({ detection }) => detection.name === name)
  if (found) return found
  throw new Refusal(2, `There is no detection called ${shown(name)}. ${hint(name, names)}`)
}

async function decoyKey(): Promise<Outcome> {
  const [{ mintKey }, { randomToken }] = await Promise.all([
    import('../../accounts/tokens/key-text.ts'),
    import('../../crypto/random.ts'),
  ])
  const text = mintKey(randomToken).text.reveal()
  const how = 'It opens nothing. Put it into honeytokens.apiKeys, and where a secret should not lie.'
  return done(`${text}\n${how}`, { key: text })
}
