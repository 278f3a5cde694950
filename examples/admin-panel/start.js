/**
 * What `npm start` runs: main.ts, with compiled code kept between starts, so that the second start takes half the time. It is JavaScript,
 * so that a start that finds everything compiled does not load what reads TypeScript.
 */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

enableCompileCache(join(import.meta.dirname, '../../.cache'))
await import('./main.ts')
