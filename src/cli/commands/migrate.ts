/** `holdfast migrate`: brings the tables up to this version. The application does the same when it starts. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Migration } from '../../store/database.ts'
import { done, Refusal, type Command } from '../command.ts'

export const migrate: Command = {
  name: 'migrate',
  what: 'Bring the database up to this version',
  actions: [
    {
      name: '',
      args: [],
      what: 'Apply what is missing, in one transaction, under a lock',
      options: {
        'dry-run': { type: 'boolean', what: 'Only say what is missing' },
        with: {
          type: 'string',
          value: 'FILE',
          what: "A module that exports `migrations`: the steps of the application's own tables",
        },
      },
      async run(call) {
        const [{ withDatabase }, { migrate: apply, pending }, { migrations: ours }, { makePartitions }] = await Promise.all([
          import('../open.ts'),
          import('../../store/migrate.ts'),
          import('../../index.ts'),
          import('../../observe/audit/schema.ts'),
        ])
        const dry = call.flag('dry-run')
        const migrations = [...ours, ...(await stepsOf(call.option('with')))]
        return await withDatabase(call, { make: !dry }, async (database) => {
          const ids = dry ? await pending(database, migrations) : await apply(database, migrations, { now: call.io.now })
          // Months of the audit log, for an application that may make no tables itself.
          if (!dry) await makePartitions(database, call.io.now())
          const text = ids.length === 0 ? 'Nothing is missing.' : `${dry ? 'Missing' : 'Applied'}: ${ids.join(', ')}.`
          return done(text, dry ? { missing: ids } : { applied: ids })
        })
      },
    },
  ],
}

/** The steps that a module of the application exports, under the name that its option of `createHoldfast` has. */
async function stepsOf(file: string | undefined): Promise<readonly Migration[]> {
  if (file === undefined) return []
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    throw new Refusal(3, `${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  })) as { readonly migrations?: unknown }
  if (Array.isArray(module.migrations)) return module.migrations as readonly Migration[]
  throw new Refusal(2, `${file} does not export a list with the name migrations.`)
}
