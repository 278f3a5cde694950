/** `holdfast incident playbooks`: what to do, step by step. */
import { hint } from '../../engine/suggest.ts'
import { toCacao } from '../../observe/playbooks/cacao.ts'
import { playbooks } from '../../observe/playbooks/index.ts'
import type { Playbook, Step } from '../../observe/playbooks/playbook.ts'
import { shown } from '../arguments.ts'
import { done, Refusal, type Action, type Call, type Outcome } from '../command.ts'
import { table } from '../table.ts'

export const playbookActions: readonly Action[] = [
  {
    name: 'playbooks',
    args: ['[NAME]'],
    what: 'The playbooks, or the steps of one',
    options: { cacao: { type: 'boolean', what: 'As CACAO 2.0 JSON, for other tools' } },
    run: async (call) => print(call),
  },
]

function print(call: Call): Outcome {
  const [name] = call.args
  if (name === undefined) {
    if (call.flag('cacao')) throw new Refusal(2, 'Name the playbook: one document is one playbook.')
    const rows = playbooks.map((one) => [one.name, one.severity, String(one.steps.length), one.title])
    return done(table(['PLAYBOOK', 'SEVERITY', 'STEPS', 'WHAT'], rows), { playbooks: playbooks.map((one) => one.name) })
  }
  const playbook = playbooks.find((one) => one.name === name)
  if (playbook === undefined)
    throw new Refusal(
      2,
      `There is no playbook ${shown(name)}. ${hint(
        name,
        playbooks.map((one) => one.name),
      )}`,
    )
  if (!call.flag('cacao')) return done(describe(playbook), { playbook })
  const cacao = toCacao(playbook)
  return done(JSON.stringify(cacao, undefined, 2), cacao)
}

function describe({ title, what, steps }: Playbook): string {
  return [title, what, ...steps.map(describeStep)].join('\n\n')
}

function describeStep({ title, who, phase, what, response, command, gate, done: whenDone }: Step, index: number): string {
  const settings = Object.entries(response?.settings ?? {}).map(([name, value]) => ` --set ${name}=${value}`)
  return [
    `${index + 1}. ${title} (${who}, ${phase})`,
    `   ${what}`,
    ...(gate === undefined ? [] : [`   Decide: ${gate}`]),
    ...(response === undefined
      ? []
      : [`   holdfast incident respond ID ${response.name}${subjectOf(response)}${settings.join('')} --reason TEXT`]),
    ...(command === undefined ? [] : [`   ${command}`]),
    `   Done when: ${whenDone}`,
  ].join('\n')
}

function subjectOf({ on }: NonNullable<Step['response']>): string {
  return on === undefined ? '' : ` ${on.map((kind) => `${kind}:VALUE`).join('|')}`
}
