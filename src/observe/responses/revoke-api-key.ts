/** Takes an API key away: by itself it is held for a time, because a machine may err; a person revokes it for good. */
import { heldOrEnded } from './held-or-ended.ts'

export const revokeApiKey = heldOrEnded({
  name: 'revoke-api-key',
  what: 'Revokes an API key for good; applied by itself it holds the key for a time instead.',
  kind: 'api-key',
  noun: 'API key',
  final: 'A revoked key stays revoked: make a new one.',
  end: (owner, id, by, levers) => levers.revokeApiKey(owner, id, by),
})
