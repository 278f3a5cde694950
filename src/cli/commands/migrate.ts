/** `holdfast migrate`: brings the tables up to this version. The application does the same when it starts. */
import { done, type Command } from '../command.ts'

export const migrate: Command = {
  name: 'migrate',
  what: 'Bring the database up to this version',
  actions: [
    {
      name: '',
      args: [],
      what: 'Apply what is missing, in one transaction, under a lock',
      options: { 'dry-run': { type: 'boolean', what: 'Only say what is missing' } },
      async run(call) {
        const [{ withDatabase }, { migrate: apply, pending }, { migrations }] = await Promise.all([
          import('../open.ts'),
          import('../../store/migrate.ts'),
          import('../../index.ts'),
        ])
        const dry = call.flag('dry-run')
        return await withDatabase(call, { make: !dry }, async (database) => {
          const ids = dry ? await pending(database, migrations) : await apply(database, migrations, { now: call.io.now })
          const text = ids.length === 0 ? 'Nothing is missing.' : `${dry ? 'Missing' : 'Applied'}: ${ids.join(', ')}.`
          return done(text, dry ? { missing: ids } : { applied: ids })
        })
      },
    },
  ],
}
