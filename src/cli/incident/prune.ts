/** `holdfast incident prune`: removes what was kept long enough, as the application does once an hour. */
import { DEFAULT_INCIDENTS_KEEP, readIncidentsKeep } from '../../settings/incidents-options.ts'
import type { Duration } from '../../engine/duration.ts'
import { done, Refusal, type Action, type Call, type Outcome } from '../command.ts'
import type { Desk } from './open.ts'
import { opened } from './opened.ts'

export const pruneActions: readonly Action[] = [
  {
    name: 'prune',
    args: [],
    what: 'Remove closed incidents that were kept long enough, with their responses and evidence',
    options: {
      keep: {
        type: 'string',
        value: 'TIME',
        what: 'How long after they were closed they are kept: 400d [as the application says]',
      },
      'dry-run': { type: 'boolean', what: 'Say how many, and remove nothing' },
    },
    run: (call) => opened(call, (desk) => prune(call, desk)),
  },
]

async function prune(call: Call, desk: Desk): Promise<Outcome> {
  const { option, flag } = call
  const given = option('keep')
  const own = desk.keepIncidents === undefined ? DEFAULT_INCIDENTS_KEEP : desk.keepIncidents
  const keep = given === undefined ? own : readGiven(given)
  if (keep === null) return done('Incidents are kept for ever here.', { incidents: 0, responses: 0, evidence: 0 })
  const dryRun = flag('dry-run')
  // What ran out and is not written down yet is still said to be in force.
  if (!dryRun) await desk.responses.sweep(call.io.now())
  const pruned = await desk.prune({ keep, dryRun, by: desk.by })
  const { incidents, responses, evidence } = pruned
  const what = `${incidents} incidents, ${responses} responses and ${evidence} files of evidence`
  if (incidents + responses + evidence === 0) return done('Nothing is old enough.', pruned)
  return done(dryRun ? `Past their time: ${what}. Nothing was removed.` : `Removed ${what}.`, pruned)
}

function readGiven(text: string): number | null {
  try {
    return readIncidentsKeep('--keep', text as Duration | 'forever')
  } catch (error) {
    throw new Refusal(2, (error as Error).message)
  }
}
