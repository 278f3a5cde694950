/** The next key signs access tokens from now on. Without overlap what older keys signed is void within a second; a second person approves that. */
import { defineResponse } from './response.ts'
import { isRefused, yesSetting } from './targets.ts'

export const rotateKeys = defineResponse({
  name: 'rotate-keys',
  what: 'Lets the next key sign access tokens; with `overlap=no`, which two decide, what older keys signed is void within a second.',
  subjects: [],
  settings: { overlap: 'no: tokens of older keys are void within a second [yes]' },
  final: 'A key that was replaced is not taken back: rotate once more.',
  needsSecond: (asked) => asked.settings['overlap'] === 'no',
  async plan(asked) {
    const overlap = yesSetting(asked, 'overlap', true)
    if (isRefused(overlap)) return overlap
    const older = overlap ? 'tokens of older keys hold until they expire' : 'tokens of older keys are void within a second'
    return { ok: true, says: `The next key signs from now on; ${older}.`, touches: 1 }
  },
  async act(asked, levers) {
    const done = await levers.rotateKeys(asked.by, asked.settings['overlap'] !== 'no')
    if (!done) throw new Error('There is no next key yet: the application makes it within a minute of its first token.')
    return 1
  },
})
