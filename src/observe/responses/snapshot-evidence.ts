/** Writes down what is known of the incident now, signed, before anybody can change it. */
import { defineResponse, no } from './response.ts'

export const snapshotEvidence = defineResponse({
  name: 'snapshot-evidence',
  what: 'Writes a signed file with the events, the timeline and the configuration of the incident.',
  subjects: [],
  final: 'A file that was written stays; delete it by hand when the law asks for that.',
  automatic: { perDay: 20, on: 'concerned' },
  async plan({ incident }) {
    if (incident === undefined) return no('unknown-incident', 'Name the incident of which evidence is kept.')
    return { ok: true, says: `Writes the evidence of incident ${incident} into a file.`, touches: 1 }
  },
  async act({ incident, by }, levers) {
    await levers.snapshot(incident!, by)
    return 1
  },
})
