/** THE LIST of drills. To add one, add its file and its line here. */
import type { Drill } from './drill.ts'
import { accountTakeover } from './account-takeover.ts'
import { flood } from './flood.ts'
import { guessing } from './guessing.ts'
import { leakedKeys } from './leaked-keys.ts'
import { passwordSpraying } from './password-spraying.ts'
import { stolenToken } from './stolen-token.ts'

export { playDrill } from './play.ts'

export const drills: readonly Drill[] = [guessing, passwordSpraying, stolenToken, leakedKeys, accountTakeover, flood]
