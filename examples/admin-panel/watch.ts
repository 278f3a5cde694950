/** What is looked for beside the defaults: pages of administrators, and decoys that nobody of us ever touches. */
import type { HoldfastOptions } from 'holdfast'

/** A field that people never see, in the form of notes: programs that fill in everything fill it in, too. */
export const DECOY_FIELD = 'homepage'

export const watched = {
  detections: { adminPaths: ['/admin'] },
  honeytokens: {
    // There is no WordPress here, and no file of settings in the open.
    routes: ['/wp-login.php', '/.env'],
    fields: [DECOY_FIELD],
    // Nobody has these names.
    accounts: ['administrator', 'root'],
  },
} satisfies Partial<HoldfastOptions>
