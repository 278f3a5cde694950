/** `holdfast incident`: looks at incidents, answers them, undoes the answers, and hands out what is known. */
import type { Command } from '../command.ts'
import { evidenceActions } from '../incident/evidence.ts'
import { playbookActions } from '../incident/playbooks.ts'
import { pruneActions } from '../incident/prune.ts'
import { respondActions } from '../incident/respond.ts'
import { showActions } from '../incident/show.ts'

export const incident: Command = {
  name: 'incident',
  what: 'Look at incidents, answer them, undo the answers, and hand out the evidence',
  more: [
    'To begin: incident list; incident show ID; incident own ID NAME; incident playbooks NAME.',
    'To answer: incident respond ID block-client client:203.0.113.9 --for 1h --reason TEXT, first with --dry-run.',
    'Responses hold at the next request in every process, end by themselves, and can be undone: incident responses.',
  ].join('\n'),
  actions: [...showActions, ...respondActions, ...evidenceActions, ...pruneActions, ...playbookActions],
}
