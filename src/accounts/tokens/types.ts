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
  /** Permissions, all of which the owner has. Empty: what needs no permission. */
  readonly scopes: readonly string[]
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
  | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'expired' | 'revoked' | 'user-disabled' }
  | { readonly ok: false; readonly reason: 'throttled'; readonly retryAfter: number }

/** API keys: how programs say who they are. */
export interface ApiKeys {
  /** The hot path: one prepared statement, synchronous on an embedded store. Failures are counted by network. */
  admit(text: string, from: Origin, now: number): MaybePromise<ApiKeyFound>
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
