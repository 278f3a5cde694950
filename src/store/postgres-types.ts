/**
 * How PostgreSQL's values come back, the same as from SQLite: int8 as a number, bytea as a plain Uint8Array. Set a query at a time,
 * so that neither the process nor a pool that was handed in is changed for anybody else.
 */
import type { CustomTypesConfig, PoolClient } from 'pg'

/** pg_type oids: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const BYTEA = 17
const INT8 = 20

/** Refuses an integer that a double cannot hold rather than return its neighbour. */
export function parseInt8(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new RangeError('A bigint column holds an integer above 2^53; select it as text.')
  return number
}

function withOwn(client: PoolClient): CustomTypesConfig {
  // pg declares getTypeParser with one overload an oid; here it is only passed on.
  const usual = client.getTypeParser.bind(client) as (oid: number, format?: string) => (value: any) => unknown
  const types = {
    getTypeParser(oid: number, format?: string): (value: any) => unknown {
      if (oid === INT8 && format !== 'binary') return parseInt8
      if (oid !== BYTEA) return usual(oid, format)
      const parse = usual(oid, format)
      return (value) => plain(parse(value) as Uint8Array)
    },
  }
  return types as CustomTypesConfig
}

function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** The parsers of a client, made once for each. */
export function createTypes(): (client: PoolClient) => CustomTypesConfig {
  const known = new WeakMap<PoolClient, CustomTypesConfig>()
  return (client) => {
    let types = known.get(client)
    if (types === undefined) known.set(client, (types = withOwn(client)))
    return types
  }
}
