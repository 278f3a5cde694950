/** THE LIST of formats that the log can be exported in. A new one is a file here and a line below. */
import { cef } from './cef.ts'
import { csv } from './csv.ts'
import { ecs } from './ecs.ts'
import type { Format } from './format.ts'
import { ocsf } from './ocsf.ts'

/** `jsonl`, with all that a verifier needs, is made from rows: see lines.ts. */
export const FORMATS: readonly Format[] = [csv, ocsf, ecs, cef]
