/**
 * The functions through which hashes of passwords are read on PostgreSQL, so that the application's role needs no right to read the
 * columns: an injected `SELECT` finds no hash, and the functions give those of one user in a transaction. A released step is never changed.
 *
 * They run as the owner of the tables, with a search path that nobody else can write to.
 * Source: https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
 */
import type { Migration } from '../../store/database.ts'

/** What the application's role may run; see `hashes.ts`. */
export const HASH_FUNCTIONS = [
  'hf_password_hashes(text, integer)',
  'hf_password_swap(text, text, text, bigint)',
  'hf_imported_users(text, integer, boolean)',
] as const

const PINNED = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp'

/**
 * Who asks for somebody's hashes holds a lock that bears their name until the transaction ends, and nobody can give it back before:
 * for another one in the same transaction there is none. A join over all users ends at the second.
 */
const READ = `CREATE FUNCTION @schema@.hf_password_hashes(asked text, earlier integer) RETURNS TABLE (value text, version bigint)
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
DECLARE
  place constant integer := hashtext('holdfast hashes');
  mine constant integer := hashtext(asked);
BEGIN
  IF EXISTS (
    SELECT FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.pid = pg_backend_pid() AND l.objsubid = 2
      AND l.classid = (place::bigint & 4294967295)::oid AND l.objid <> (mine::bigint & 4294967295)::oid
  ) THEN
    RAISE EXCEPTION 'hashes of more than one user were asked for in one transaction' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(place, mine);
  RETURN QUERY SELECT c.value, c.version FROM @schema@.hf_credentials c WHERE c.user_id = asked AND c.kind = 'password';
  RETURN QUERY SELECT h.value, h.version FROM @schema@.hf_password_history h
    WHERE h.user_id = asked ORDER BY h.version DESC LIMIT earlier;
END $body$`

/** Only who knows the hash that is there can put another one in its place. */
const SWAP = `CREATE FUNCTION @schema@.hf_password_swap(asked text, before text, instead text, at bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
BEGIN
  UPDATE @schema@.hf_credentials c SET value = instead, updated_at = at
    WHERE c.user_id = asked AND c.kind = 'password' AND c.value = before;
  RETURN FOUND;
END $body$`

/** Whose hash another system made: who, not what. */
const IMPORTED = `CREATE FUNCTION @schema@.hf_imported_users(beyond text, most integer, wrapped boolean) RETURNS SETOF text
LANGUAGE sql VOLATILE ${PINNED} AS $body$
  SELECT c.user_id FROM @schema@.hf_credentials c
  WHERE c.kind = 'password' AND c.user_id > beyond AND c.value NOT LIKE '$argon2id$%' AND (wrapped OR c.value NOT LIKE '$hf-wrap$%')
  ORDER BY c.user_id LIMIT most
$body$`

export const hashesMigrations: readonly Migration[] = [
  {
    id: 'hashes-1',
    up(dialect) {
      if (dialect === 'sqlite') return []
      const statements = [
        READ,
        SWAP,
        IMPORTED,
        ...HASH_FUNCTIONS.map((name) => `REVOKE ALL ON FUNCTION @schema@.${name} FROM PUBLIC`),
      ]
      // The schema is known only where the step runs, and the functions must name it.
      return statements.map(
        (text) => `DO $step$ BEGIN EXECUTE replace($text$${text}$text$, '@schema@', quote_ident(current_schema())); END $step$`,
      )
    },
  },
]
