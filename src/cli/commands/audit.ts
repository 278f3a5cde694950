/** `holdfast audit`: verifies, searches, follows, exports and proves what stands in the audit log. */
import type { Command } from '../command.ts'
import { EXPORT_FORMATS, exportLog } from '../audit/export.ts'
import { prune, redactEvent } from '../audit/keep.ts'
import { FILTER_OPTIONS, search, tail } from '../audit/read.ts'
import { printKey, proof, verify } from '../audit/verify.ts'

const PUBLIC_KEY = {
  'public-key': {
    type: 'string',
    multiple: true,
    value: 'KEY|FILE',
    what: 'The public key of the log, or a file with it [that of the key ring, where it is known]',
  },
} as const

export const audit: Command = {
  name: 'audit',
  what: 'Verify, search, follow, export and prove the audit log',
  more: [
    'To verify elsewhere: audit key, once, and keep what it prints; then audit verify FILE --public-key KEY, without anything secret.',
    'A log cannot show that its end behind the last checkpoint was cut off. Checkpoints stand in the application log as sys_audit_checkpoint:',
    'ship that log away, and give a checkpoint of it as --seen.',
  ].join('\n'),
  actions: [
    {
      name: 'verify',
      args: ['[FILE]'],
      what: 'Whether all of it is as it was written: of the database, of an export, of a folder of segments, or of a proof',
      options: {
        ...PUBLIC_KEY,
        seen: {
          type: 'string',
          multiple: true,
          value: 'FILE',
          what: 'A checkpoint that was kept elsewhere: the log must still hold it',
        },
      },
      run: verify,
    },
    {
      name: 'search',
      args: [],
      what: 'Find events, newest first',
      options: { ...FILTER_OPTIONS, before: { type: 'string', value: 'CURSOR', what: 'Go on behind a page' } },
      run: search,
    },
    {
      name: 'tail',
      args: [],
      what: 'The latest events',
      options: { ...FILTER_OPTIONS, follow: { type: 'boolean', short: 'f', what: 'Go on until it is stopped' } },
      run: tail,
    },
    {
      name: 'export',
      args: [],
      what: `Write the log to a file, as ${EXPORT_FORMATS.join(', ')}`,
      options: {
        format: { type: 'string', value: 'FORMAT', what: 'jsonl can be verified; the others are for other systems [jsonl]' },
        output: {
          type: 'string',
          value: 'FILE',
          what: 'Where to, always given: a file that is not there yet; readable by its owner alone',
        },
        from: { type: 'string', value: 'TIME', what: 'From this time on (ISO 8601, or 24h ago); not with jsonl' },
        to: { type: 'string', value: 'TIME', what: 'Up to before this time; not with jsonl' },
      },
      run: exportLog,
    },
    {
      name: 'proof',
      args: ['EVENT'],
      what: 'Print a proof that this event stands in the log, which needs nothing else of it',
      options: { hide: { type: 'boolean', what: 'Show neither who nor what' } },
      run: proof,
    },
    { name: 'key', args: [], what: 'Print the public keys of the log, one for each key of the ring', run: printKey },
    {
      name: 'redact',
      args: ['EVENT'],
      what: 'Blank what an event says of people (who), or of the act (what); the chain still holds. Cannot be taken back',
      options: {
        parts: { type: 'string', value: 'who,what', what: 'Which of both [who,what]' },
        reason: { type: 'string', value: 'TEXT', what: 'Why, always given; it stands in the log' },
      },
      run: redactEvent,
    },
    {
      name: 'prune',
      args: [],
      what: 'Remove what was kept long enough; a signed tombstone stands for it',
      options: {
        administrative: { type: 'string', value: 'TIME', what: 'How long acts are kept [730d]; or forever' },
        security: { type: 'string', value: 'TIME', what: 'How long sign-ins, refusals and attacks are kept [365d]' },
        operation: { type: 'string', value: 'TIME', what: 'How long what machines tell of themselves is kept [90d]' },
      },
      run: prune,
    },
  ],
}
