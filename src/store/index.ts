/** Stores: open a database or hand in your own client. */
export type { AtomicStore, Rate, Taken } from './atomic.ts'
export type { Database, Migration, Statement, Value } from './database.ts'
export { openDatabase } from './database-url.ts'
export { StoreError } from './errors.ts'
export { memoryStore } from './memory.ts'
export { postgres } from './postgres.ts'
export { redisStore } from './redis.ts'
export { sqlite } from './sqlite.ts'
