/**
 * Everything that is kept of who asks, as one file of JSON (GDPR articles 15 and 20). No secret is in it: no hash, no key, no token, no secret
 * of a factor. It asks for a proof of the last ten minutes, of who has a second factor by that one: whoever finds an unlocked screen would
 * else carry it all away.
 */
import type { Accounts } from '../../../accounts/types.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { answer, deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { sentForm } from '../../../console/form.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { guardProof, isRecent, READ_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

export const exportDesk: ConsoleDesk = {
  name: 'export',
  at: ({ path }) => ({ path: `${path}/export` }),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/export`,
      id: 'exportAccount',
      what: 'Everything that is kept of who asks, without secrets.',
      as: 'session',
      answers: {
        200: {
          what: 'It, as a file.',
          schema: { type: 'object', required: ['exportedAt', 'user', 'sessions', 'factors', 'keys'] },
        },
        401: { what: 'A recent proof is needed.' },
        403: { what: 'A proof by the second factor is needed.' },
      },
    },
  ],
  start: exporting,
}

const HEAD = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'content-disposition': 'attachment; filename="account.json"',
}

function exporting({ options, accounts }: DeskSetting): Serve {
  const path = `${options.path}/export`
  const again = `${options.againPath}?next=${encodeURIComponent(`${options.path}/profile`)}`

  async function send(x: Exchange, current: CurrentSession): Promise<Reply> {
    const refused = await guardProof(x, current, { accounts, options, back: path })
    // Followed in a browser it leads to the proof, and from there to the page with the link.
    if (refused) return isRecent(x, current) || sentForm(x).json ? refused : seeOther(again)
    const { id } = current.principal
    const kept = await keptOf(accounts, id, x.time)
    if (kept === undefined) return deny(401, 'sign-in-required')
    const more = await options.exportMore?.(id)
    const text = JSON.stringify({ exportedAt: dateOf(x.time), ...kept, ...(more !== undefined && { more }) }, undefined, 2)
    return answer(200, HEAD, text)
  }

  return (x, current) => {
    if (x.path !== path) return undefined
    return x.method === 'GET' ? send(x, current) : READ_ONLY
  }
}

/** Named field by field, so that a field that comes later is not in it by chance. */
async function keptOf({ users, sessions, factors, passkeys, apiKeys, tokens, browsers }: Accounts, id: string, now: number) {
  const user = await users.byId(id)
  if (!user) return undefined
  const { login, name, roles, address, createdAt, lastSignInAt } = user
  const { kinds, totpSince, recoveryCodesLeft } = await factors.of(id)
  return {
    user: { id, login, name, roles, address, createdAt: dateOf(createdAt), lastSignInAt: dateOf(lastSignInAt) },
    sessions: (await sessions.list(id, now)).map((one) => ({
      ...{ id: one.id, createdAt: dateOf(one.createdAt), seenAt: dateOf(one.seenAt), expiresAt: dateOf(one.expiresAt) },
      ...{ address: one.address, userAgent: one.userAgent, doors: one.proofs.map(({ door }) => door), data: one.data },
    })),
    browsers: (await browsers.list(id, now)).map((one) => ({
      ...{ id: one.id, kind: one.kind, createdAt: dateOf(one.createdAt), address: one.address, userAgent: one.userAgent },
    })),
    factors: {
      ...{ kinds, totpSince: dateOf(totpSince), recoveryCodesLeft },
      passkeys: (await passkeys.list(id)).map((one) => ({ id: one.id, name: one.name, createdAt: dateOf(one.createdAt) })),
    },
    keys: (await apiKeys.list(id, now)).map((one) => ({
      ...{ id: one.id, name: one.name, scopes: one.scopes, status: one.status, createdAt: dateOf(one.createdAt) },
    })),
    apps: (await tokens.list(id, now)).map((one) => ({ id: one.id, client: one.client, createdAt: dateOf(one.createdAt) })),
  }
}

function dateOf(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString()
}
