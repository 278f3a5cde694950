/**
 * Databases with one defence taken out, for attacks on what no option can turn off: with them the attack is seen to succeed.
 * Each is for one run: it lives in memory and nobody closes it.
 */
import { sql, ValueNode, WhereNode, type KyselyPlugin } from 'kysely'
import type { Database, Statement, Value } from '../../src/store/database.ts'
import { sqlite } from '../../src/store/sqlite.ts'

/** Lays nothing around the application's own queries: neither its tenant nor names that are Holdfast's are looked at. */
export function unguarded(): Database {
  const database = sqlite()
  return { ...database, derive: () => database.kysely }
}

/** Never learns that a session ended. */
export function endlessSessions(): Database {
  return edited((text) => text.replace('s.ended_at IS NULL', '1 = 1'))
}

/** Finds somebody's session for every token of the right shape. */
export function anySession(): Database {
  return edited((text) => text.replace('WHERE s.hash = ?', 'WHERE length(?) > 0'))
}

/** Never learns that an API key was revoked or its owner disabled. */
export function endlessKeys(): Database {
  return edited((text) => text.replace("CASE WHEN k.revoked_at IS NULL THEN u.status ELSE 'revoked' END", "'active'"))
}

/** Takes every owner of an API key for an administrator. */
export function keysOfAdministrators(): Database {
  return edited((text) => (text.includes('hf_api_keys k') ? text.replace('u.roles', "'admin'") : text))
}

/** Takes a key for one tenant as one for every tenant of its owner. */
export function keysOfAnyTenant(): Database {
  return edited((text) =>
    text.includes('hf_api_keys k')
      ? `${text.replace("coalesce(k.tenant_id, '')", "coalesce(m.tenant_id, '')").replace(SAME_TENANT, '')} ${OTHERS_FIRST}`
      : text,
  )
}

/** Does not know that a key acts in a tenant. */
export function keysOfNoTenant(): Database {
  const both = /coalesce\([km]\.tenant_id, ''\)/g
  return edited((text) => (text.includes('hf_api_keys k') ? text.replaceAll(both, "''") : text))
}

/** Never learns that the owner of a key, or the user of an app, is out of the tenant in which it acts. */
export function endlessMemberships(): Database {
  return edited((text) => {
    if (text.includes('hf_refresh f'))
      return text.replace('f.ended_at', 'NULL AS ended_at').replace('m.roles', `'owner'`).replace('u.epoch', '1 AS epoch')
    if (!text.includes('hf_api_keys k')) return text
    const living = text.replace("CASE WHEN k.revoked_at IS NULL THEN u.status ELSE 'revoked' END", "'active'")
    return living.replace("coalesce(m.tenant_id, '')", "coalesce(k.tenant_id, '')").replace("coalesce(m.roles, '')", "'owner'")
  })
}

const SAME_TENANT = ' AND m.tenant_id = k.tenant_id'
const OTHERS_FIRST = 'ORDER BY m.tenant_id = k.tenant_id'

/** Keeps every one-time value that it gives out. */
export function endlessValues(): Database {
  const consume = /^DELETE FROM hf_value (WHERE key = \? AND .*) RETURNING value$/s
  return edited((text) => text.replace(consume, 'SELECT value FROM hf_value $1'))
}

/** Finds somebody's API key for every text. */
export function anyKey(): Database {
  return edited((text) => text.replace('WHERE k.hash = ?', 'WHERE length(?) > 0'))
}

/** Never learns that an app ended or its user was disabled. */
export function endlessApps(): Database {
  return edited((text) =>
    text.includes('hf_refresh f')
      ? text.replace('u.status', `'active' AS status`).replace('f.ended_at', 'NULL AS ended_at')
      : text,
  )
}

/** Does not remember which refresh token is the newest. */
export function unrotatedTokens(): Database {
  return plugged({
    transformQuery({ node }) {
      if (node.kind !== 'UpdateQueryNode' || !JSON.stringify(node.table).includes('hf_refresh')) return node
      return { ...node, updates: node.updates!.filter((update) => !JSON.stringify(update.column).includes('hash')) }
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
}

/** Takes every value, or every one whose key holds `of`, and keeps none: no count of failures among them. */
export function forgetfulStore(of = ''): Database {
  const inner = sqlite()
  const concerns = (values: readonly Value[]) => of === '' || values.some((value) => String(value).includes(of))
  const forget = (text: string, statement: Statement<any>): Statement<any> => ({
    get: (...values) =>
      concerns(values) ? (text.includes('AS written') ? { written: 1 } : undefined) : statement.get(...values),
    all: (...values) => (concerns(values) ? [] : statement.all(...values)),
    run: (...values) => (concerns(values) ? { changes: 0 } : statement.run(...values)),
  })
  return {
    ...inner,
    statement: (text) => (text.includes('hf_value') ? forget(text, inner.statement(text)) : inner.statement(text)),
  }
}

/** Does not remember which codes of an authenticator app were used. */
export function forgetfulFactors(): Database {
  return plugged({
    transformQuery({ node }) {
      if (node.kind !== 'UpdateQueryNode' || !JSON.stringify(node.table).includes('hf_factors')) return node
      return { ...node, updates: node.updates!.filter((update) => !JSON.stringify(update.column).includes('last_step')) }
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
}

/** Puts every recovery code back that was used: the row is updated where it should be deleted. */
export function endlessRecoveryCodes(): Database {
  const deletions = new WeakSet<object>()
  return plugged({
    transformQuery({ node, queryId }) {
      const deletes = node.kind === 'DeleteQueryNode' && JSON.stringify(node).includes('hf_recovery_codes')
      if (!deletes || !JSON.stringify(node.where).includes('"hash"')) return node
      deletions.add(queryId)
      return { ...node, where: WhereNode.create(ValueNode.createImmediate(0)) }
    },
    transformResult: ({ result, queryId }) =>
      Promise.resolve(deletions.has(queryId) ? { ...result, numAffectedRows: 1n } : result),
  })
}

/** Keeps every link of a letter that was used or ended. */
export function endlessLinks(): Database {
  return keeping('hf_links')
}

/** Keeps every delayed recovery that was cancelled. */
export function endlessRecoveries(): Database {
  return keeping('hf_recoveries')
}

/** Puts every row of the table back that is deleted, from the first transaction on that finds the table. */
function keeping(table: string): Database {
  const inner = sqlite()
  let armed = false
  return {
    ...inner,
    transaction: (work) =>
      inner.transaction(async (tx) => {
        const { rows } = armed
          ? { rows: [] }
          : await sql<{ name: string }>`SELECT name FROM pragma_table_info(${table})`.execute(tx)
        if (rows.length > 0) {
          const columns = rows.map(({ name }) => name)
          const old = columns.map((name) => `OLD.${name}`)
          const again = `INSERT INTO ${table} (${columns.join()}) VALUES (${old.join()})`
          await sql.raw(`CREATE TRIGGER keeping AFTER DELETE ON ${table} BEGIN ${again}; END`).execute(tx)
          armed = true
        }
        return await work(tx)
      }),
  }
}

/** Tells the gate of nobody that they have a second factor. */
export function noFactors(): Database {
  const questions = new WeakSet<object>()
  return plugged({
    transformQuery({ node, queryId }) {
      const asks = node.kind === 'SelectQueryNode' && JSON.stringify(node.from).includes('hf_factors')
      if (asks && JSON.stringify(node.selections).includes('"kind"')) questions.add(queryId)
      return node
    },
    transformResult: ({ result, queryId }) => Promise.resolve(questions.has(queryId) ? { ...result, rows: [] } : result),
  })
}

/** Never finds that there is a user already. */
export function nobodyYet(): Database {
  const questions = new WeakSet<object>()
  return plugged({
    transformQuery({ node, queryId }) {
      const where = node.kind === 'SelectQueryNode' && node.limit ? JSON.stringify([node.from, node.where]) : ''
      if (where.includes('hf_users') && where.includes('"kind"') && !where.includes('"status"')) questions.add(queryId)
      return node
    },
    transformResult: ({ result, queryId }) => Promise.resolve(questions.has(queryId) ? { ...result, rows: [] } : result),
  })
}

function plugged(plugin: KyselyPlugin): Database {
  const inner = sqlite()
  return {
    ...inner,
    kysely: inner.kysely.withPlugin(plugin),
    transaction: (work) => inner.transaction((tx) => work(tx.withPlugin(plugin))),
  }
}

/** Throws when the edit finds nothing to change: then the attack would be seen to fail for the wrong reason. */
function edited(edit: (text: string) => string): Database {
  const inner = sqlite()
  let done = false
  return {
    ...inner,
    statement<Row>(text: string): Statement<Row> {
      const changed = edit(text)
      done ||= changed !== text
      const statement = inner.statement<Row>(changed)
      return {
        get(...values: Value[]) {
          if (!done) throw new Error('No statement has the defence that this store is made to lack.')
          return statement.get(...values)
        },
        all: (...values) => statement.all(...values),
        run: (...values) => statement.run(...values),
      }
    },
  }
}

/** Does not remember that a stay-signed-in token was replaced. */
export function forgetfulBrowsers(): Database {
  return plugged({
    transformQuery({ node }) {
      if (node.kind !== 'UpdateQueryNode' || !JSON.stringify(node.table).includes('hf_browsers')) return node
      return { ...node, updates: node.updates!.filter((update) => !JSON.stringify(update.column).includes('generation')) }
    },
    transformResult: ({ result }) => Promise.resolve(result),
  })
}

/** Ends no browser that remembers, and does not know what its user's credentials were when it began. */
export function endlessBrowsers(): Database {
  const stamps = new WeakSet<object>()
  return plugged({
    transformQuery({ node, queryId }) {
      if (node.kind === 'DeleteQueryNode' && JSON.stringify(node.from).includes('hf_browsers'))
        return { ...node, where: WhereNode.create(ValueNode.createImmediate(0)) }
      const selected = node.kind === 'SelectQueryNode' ? JSON.stringify(node.selections) : ''
      if (selected.includes('"name":"kind"') && selected.includes('"name":"version"')) stamps.add(queryId)
      return node
    },
    transformResult: ({ result, queryId }) => Promise.resolve(stamps.has(queryId) ? { ...result, rows: [] } : result),
  })
}
