/** `holdfast drill`: plays an attack on an application of its own, on this machine, and says how long detecting, containing and recovering took. */
import { hint } from '../../engine/suggest.ts'
import { shown } from '../arguments.ts'
import { done, Refusal, verdict, type Call, type Command, type Outcome } from '../command.ts'
import type { DrillResult } from '../drills/drill.ts'
import { table } from '../table.ts'

export const drill: Command = {
  name: 'drill',
  what: 'Play an attack on loopback, and time how it is detected, contained and recovered from',
  more: [
    'The application it attacks is started for it, in memory and on loopback alone, and stopped afterwards.',
    'Without a name it says which drills there are; all plays them one after the other. Exit code 1: one was not detected, contained or recovered from.',
  ].join('\n'),
  actions: [{ name: '', args: ['[NAME]'], what: 'List the drills; with the name of one, or with all, play them', run }],
}

async function run(call: Call): Promise<Outcome> {
  const { drills, playDrill } = await import('../drills/index.ts')
  const [name] = call.args
  if (name === undefined) {
    const rows = drills.map((one) => [one.name, one.playbook, one.what])
    const list = drills.map(({ name: own, what, playbook }) => ({ name: own, what, playbook }))
    return done(table(['DRILL', 'PLAYBOOK', 'WHAT'], rows), { drills: list })
  }
  const chosen = name === 'all' ? drills : drills.filter((one) => one.name === name)
  if (chosen.length === 0)
    throw new Refusal(2, `There is no drill ${shown(name)}. ${hint(name, [...drills.map((one) => one.name), 'all'])}`)
  const results: DrillResult[] = []
  for (const one of chosen) {
    call.io.progress?.(`${one.name} …`)
    results.push(await playDrill(one))
  }
  const passed = results.every(({ ok }) => ok)
  return verdict(passed, describe(results), { ok: passed, results })
}

function describe(results: readonly DrillResult[]): string {
  const rows = results.map(({ drill: own, ok, detect, contain, recover, incident, problem }) => [
    ...[own, ok ? 'held' : 'FAILED', time(detect), time(contain), time(recover), incident ?? problem ?? '-'],
  ])
  return table(['DRILL', 'RESULT', 'DETECT', 'CONTAIN', 'RECOVER', 'INCIDENT'], rows)
}

function time(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : `${milliseconds.toFixed(0)} ms`
}
