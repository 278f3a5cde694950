/** `holdfast db`: the roles that a PostgreSQL database should have, as SQL, and whether it has them. */
import { differences, placeOf, type Difference } from '../../store/grants/inspect.ts'
import { roleStatements, tableStatements } from '../../store/grants/statements.ts'
import { READ_WRITE, SQL_NAME, type GrantPlan } from '../../store/grants/types.ts'
import { functionGrants, tableGrants, withReadableHashes } from '../../database/table-grants.ts'
import { shown } from '../arguments.ts'
import { done, found, Refusal, type Call, type Command, type Outcome } from '../command.ts'

const MORE = [
  'print: pipe it to psql. The first part (--only roles) is for an administrator of the server, in the database of the application;',
  'then run "holdfast migrate" as the owner; then the second part (--only tables), as the owner, and again after each upgrade.',
  'No password is set: use \\password in psql.',
  'check: looks at the role that HOLDFAST_DATABASE_URL connects as, or at --application. 0: as it should be. 1: it is not.',
].join('\n')

export const db: Command = {
  name: 'db',
  what: 'Roles of a PostgreSQL database: print them as SQL, check them',
  more: MORE,
  actions: [
    {
      name: 'grants',
      args: ['print|check'],
      what: 'An owner for migrations, and the application without more than it needs',
      options: {
        owner: { type: 'string', value: 'ROLE', what: 'Who owns the tables [holdfast_owner]' },
        application: {
          type: 'string',
          value: 'ROLE',
          what: 'What the application connects as [holdfast_app; check: who connects]',
        },
        schema: { type: 'string', value: 'NAME', what: 'Where the tables are [public; check: the one of the connection]' },
        table: {
          type: 'string',
          multiple: true,
          value: 'NAME',
          what: "A table of the application's own, with rows to read and write",
        },
        tenant: {
          type: 'string',
          multiple: true,
          value: 'TABLE.COLUMN',
          what: 'Row-level security for it, by this column',
        },
        hashes: { type: 'string', value: 'function|columns', what: 'How hashes of passwords may be read [function]' },
        only: { type: 'string', value: 'roles|tables', what: 'Print one part' },
      },
      run: async (call) => (oneOf(call.args[0]!, ['print', 'check'], 'db grants') === 'print' ? print(call) : await check(call)),
    },
  ],
}

function print(call: Call): Outcome {
  const only = call.option('only')
  if (only !== undefined) oneOf(only, ['roles', 'tables'], '--only')
  const plan = planOf(call)
  const [roles, tables] = [roleStatements(plan), tableStatements(plan)]
  const sql = (statements: readonly string[]) => statements.map((text) => `${text};`).join('\n')
  const first = `-- Roles: run by an administrator of the server, in the database of the application.\n${sql(roles)}`
  const second = `-- Tables: run by "${plan.owner}" after "holdfast migrate", and again after each upgrade.\n${sql(tables)}`
  const text = [...(only === 'tables' ? [] : [first]), ...(only === 'roles' ? [] : [second])].join('\n\n')
  return done(text, { ...(only !== 'tables' && { roles }), ...(only !== 'roles' && { tables }) })
}

async function check(call: Call): Promise<Outcome> {
  const plan = planOf(call)
  const { withDatabase } = await import('../open.ts')
  return await withDatabase(call, { make: false }, async (database) => {
    if (database.dialect !== 'postgres') throw new Refusal(2, 'SQLite has no roles: this is for PostgreSQL.')
    const own = await placeOf(database)
    const asked = call.option('application')
    const place = { ...(asked === undefined ? own : { role: asked }), schema: call.option('schema') ?? own.schema }
    const differing = await differences(database, place, plan)
    if (differing === undefined) throw new Refusal(3, `There is no role ${shown(place.role)}.`)
    const json = { role: place.role, schema: place.schema, differences: differing }
    if (differing.length === 0) return done(`${place.role} may do what it needs and no more.`, json)
    return found(`${place.role} is not as it should be.\n${differing.map(line).join('\n')}`, json)
  })
}

function line({ kind, privilege, on, grave }: Difference): string {
  return `  ${kind === 'too-many' ? 'too many' : 'too few '}  ${privilege} of ${on}${grave ? '  (no application may have this)' : ''}`
}

function planOf(call: Call): GrantPlan {
  const hashes = oneOf(call.option('hashes') ?? 'function', ['function', 'columns'], '--hashes')
  const tenants = (call.list('tenant') ?? []).map(readTenant)
  const own = [
    ...new Set([...(call.list('table') ?? []).map((name) => nameOf('--table', name)), ...tenants.map(({ table }) => table)]),
  ]
  const taken = own.find((name) => name.startsWith('hf_'))
  if (taken !== undefined) throw new Refusal(2, `${shown(taken)} is a table of Holdfast, which knows what is needed of it.`)
  const owner = nameOf('--owner', call.option('owner') ?? 'holdfast_owner')
  const application = nameOf('--application', call.option('application') ?? 'holdfast_app')
  if (owner === application) throw new Refusal(2, `${shown(owner)} would be both roles. The application owns nothing: name two.`)
  return {
    ...{ owner, application },
    schema: nameOf('--schema', call.option('schema') ?? 'public'),
    tables: [...(hashes === 'function' ? tableGrants : withReadableHashes), ...own.map((table) => ({ table, may: READ_WRITE }))],
    functions: functionGrants,
    tenants,
  }
}

function readTenant(text: string): { table: string; column: string } {
  const [table, column, ...more] = text.split('.')
  if (table === undefined || column === undefined || more.length > 0)
    throw new Refusal(2, `--tenant is ${shown(text)}. Write TABLE.COLUMN, as in notes.tenant_id.`)
  return { table: nameOf('--tenant', table), column: nameOf('--tenant', column) }
}

function nameOf(option: string, name: string): string {
  if (SQL_NAME.test(name)) return name
  throw new Refusal(2, `${option} is ${shown(name)}. Give a name of letters, digits and _, at most 63.`)
}

function oneOf<Word extends string>(word: string, words: readonly Word[], option: string): Word {
  const found = words.find((one) => one === word)
  if (found !== undefined) return found
  throw new Refusal(2, `${option} takes ${words.join(' or ')}, not ${shown(word)}.`)
}
