/** The words of API keys. */
import type { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { Principal } from '../../engine/facts.ts'
import type { MaybePromise } from '../../store/database.ts'
import type { Actor, Origin } from '../types.ts'

/** A key as it is listed. What proves it stands nowhere. */
export interface ApiKey {
  /** Public: the 11 characters behind `hf_key_`. */
  readonly id: string
  readonly userId: string
  readonly name: string
  /** The tenant it acts in, and in no other. `undefined`: it acts in none. */
  readonly tenant: string | undefined
  readonly scopes: readonly string[]
  /** Its own limit, in place of the one for every user. */
  readonly perMinute: number | undefined
  readonly status: 'active' | 'expired' | 'revoked'
  readonly createdAt: number
  /** `undefined`: never. */
  readonly expiresAt: number | undefined
  /** Noted at most once a minute. */
  readonly lastUsedAt: number | undefined
}

/** What a key is made of. */
export interface NewApiKey {
  /** Id of the owner: a user, or a service. */
  readonly userId: string
  /** For people; no two living keys of one owner share it. */
  readonly name: string
  /** Permissions, all of which the owner has; of a key for a tenant those that the owner has in it. Empty: what needs no permission. */
  readonly scopes: readonly string[]
  /** Id of a tenant that the owner belongs to: the key acts in it alone, and may nothing outside it. @default it acts in no tenant */
  readonly tenant?: string | undefined
  /** Milliseconds, an hour to 365 days. @default 90 days */
  readonly expiresIn?: number
  /** Lasts until it is revoked. Why, in a sentence; it stands in the log. */
  readonly insecureNoExpiry?: string
  /** Requests a minute, 1 to 100 000. @default the limit of every user */
  readonly perMinute?: number
}

/** The key, shown this once, or why there is none. */
export type ApiKeyCreated =
  | { readonly ok: true; readonly key: ApiKey; readonly text: Secret }
  | {
      readonly ok: false
      readonly reason:
        | 'unknown-user'
        | 'unknown-tenant'
        | 'user-disabled'
        | 'sealed-account'
        | 'name-invalid'
        | 'name-taken'
        | 'scope-invalid'
        | 'scope-not-held'
        | 'expiry-invalid'
        | 'limit-invalid'
        | 'too-many'
    }

/** What a text turned out to be. The reason is for events; a client learns only that it is not valid, or to wait. */
export type ApiKeyFound =
  | {
      readonly ok: true
      readonly key: Pick<ApiKey, 'id' | 'perMinute' | 'expiresAt'>
      readonly principal: Principal
    }
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'expired' | 'revoked' | 'user-disabled' | 'tenant-left' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** API keys: how programs say who they are. */
export interface ApiKeys {
  /** The hot path: one prepared statement, synchronous on an embedded store. Failures are counted by network. */
  admit(text: string, from: Origin, now: number): MaybePromise<ApiKeyFound>
  /** What a key of this user would be at its next request, by its public id: for explanations. */
  look(userId: string, keyId: string, now: number): Promise<ApiKeyFound>
  create(input: NewApiKey, actor: Actor, x?: Exchange): Promise<ApiKeyCreated>
  /** The newest first; those that expired or were revoked stay for 90 days. */
  list(userId: string, now: number): Promise<readonly ApiKey[]>
  /** Ends one key of a user, by its public id. */
  revoke(userId: string, keyId: string, actor: Actor, x?: Exchange): Promise<boolean>
  /** Ends all keys of a user; returns how many. */
  revokeAll(userId: string, actor: Actor, x?: Exchange): Promise<number>
  /** Deletes what ended long ago; returns how many. */
  sweep(now: number): Promise<number>
}
