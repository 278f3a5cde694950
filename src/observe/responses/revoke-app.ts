/** Signs an app out, with all its tokens: by itself it is held for a time, a person ends it for good. */
import { heldOrEnded } from './held-or-ended.ts'

export const revokeApp = heldOrEnded({
  name: 'revoke-app',
  what: 'Signs an app out for good, with all its tokens; applied by itself it holds the app for a time instead.',
  kind: 'app',
  noun: 'app',
  final: 'An app that was signed out stays out; its user signs in with it again.',
  end: (owner, id, by, levers) => levers.endApp(owner, id, by),
})
