/**
 * One's account, for the person: the name that others read, what one signs in with, and the end of it. Deleting asks for a proof of the last
 * ten minutes, of who has a second factor by that one. Source: OWASP ASVS 5.0 7.5.1, 14.2.7; lesson L94 (named fields and no others).
 */
import { json, originOf, sentForm } from '../../../console/form.ts'
import { messagePage, profilePage, type ProfileModel } from '../../../console/pages/index.ts'
import { timeText } from '../../../console/time.ts'
import { milliseconds } from '../../../engine/duration.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { guardProof, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const TEXT = { type: 'string' } as const
const LONGEST = 1024
const LAST = 'Nobody else administers this application. Give somebody else that role first.'

export const profile: ConsoleDesk = {
  name: 'profile',
  at: ({ path }) => ({ path: `${path}/profile`, label: 'Profile' }),
  operations: ({ path, deletion }) => [
    {
      method: 'get',
      path: `${path}/profile`,
      id: 'getProfile',
      what: 'Who asks: login, name, roles and address.',
      as: 'session',
      answers: {
        200: {
          what: 'It; the address is null where there is none.',
          schema: objectOf({
            ...{ login: TEXT, name: TEXT, roles: { type: 'array', items: TEXT } },
            ...{ address: { type: ['string', 'null'] }, verified: { type: 'boolean' } },
          }),
        },
      },
    },
    {
      method: 'post',
      path: `${path}/profile/name`,
      id: 'changeName',
      what: 'Changes the name that others read.',
      as: 'session',
      body: objectOf({ displayName: TEXT }),
      answers: { 200: DONE, 422: { what: 'It is no name.' } },
    },
    ...(deletion === false
      ? []
      : [
          {
            method: 'post',
            path: `${path}/profile/delete`,
            id: 'deleteAccount',
            what: 'Shuts the account of who asks at once, and deletes it after the time of grace.',
            as: 'session',
            body: objectOf({}),
            answers: {
              202: { what: 'It is shut.', schema: objectOf({ ok: { const: true }, deletedAt: TEXT }) },
              401: { what: 'A recent proof is needed.' },
              403: { what: 'A proof by the second factor is needed.' },
              409: { what: 'It is the last administrator.' },
            },
          } as const,
        ]),
  ],
  start: profileDesk,
}

function profileDesk({ options, accounts, facts }: DeskSetting): Serve {
  const { users, deletions } = accounts
  const path = `${options.path}/profile`
  const [namePath, deletePath] = [`${path}/name`, `${path}/delete`]
  const grace = options.deletion === false ? undefined : milliseconds('console.deletion', options.deletion)

  async function show(x: Exchange, current: CurrentSession, more: Partial<ProfileModel> = {}, status = 200): Promise<Reply> {
    const user = await users.byId(current.principal.id)
    if (!user) return deny(401, 'sign-in-required')
    const { login, name, roles, address } = user
    if (sentForm(x).json)
      return json({ login, name, roles, address: address?.text ?? null, verified: address?.verified ?? false })
    const days = grace === undefined ? undefined : Math.ceil(grace / 86_400_000)
    const places = { action: path, exportPath: `${options.path}/export`, graceDays: days }
    const notice = x.search === '?changed' && status === 200 ? 'Your name is changed.' : undefined
    return page(profilePage({ ...facts(x, current), notice, ...places, displayName: name, roles, address, ...more }), status)
  }

  async function rename(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    const { id } = current.principal
    const given = sent.text('displayName').slice(0, LONGEST)
    const done = await users.setName(id, given, { kind: 'user', id }, { exchange: x })
    if (done.ok) return sent.json ? json({ ok: true }) : seeOther(`${path}?changed`)
    if (done.reason === 'unknown-user') return deny(401, 'sign-in-required')
    if (sent.json) return deny(422, 'name-invalid')
    return await show(
      x,
      current,
      { displayName: given.slice(0, 256), errors: { displayName: 'Write 1 to 200 characters that can be seen.' } },
      422,
    )
  }

  async function leave(x: Exchange, current: CurrentSession, life: number): Promise<Reply> {
    const refused = await guardProof(x, current, { accounts, options, back: path })
    if (refused) return refused
    const asked = await deletions.ask(current.principal.id, { grace: life, from: originOf(x) })
    const sent = sentForm(x)
    if (asked.ok) {
      if (sent.json) return json({ ok: true, deletedAt: new Date(asked.dueAt).toISOString() }, 202)
      const back = asked.told
        ? 'A letter to your address holds a link that keeps it until then.'
        : 'There is no address to write to: until then those who run this site can keep it.'
      const words = [`You are signed out everywhere. On ${timeText(asked.dueAt)} everything in it is deleted.`, back]
      const way = { path: options.signInPath, label: 'Go to the sign-in' }
      return page(messagePage({ ...facts(x, current), title: 'Your account is shut', words, way }), 202)
    }
    if (asked.reason === 'denied') return deny(401, 'sign-in-required')
    if (asked.reason === 'last-owner') {
      const words = `You are the last owner of ${asked.tenant}. Make somebody else an owner first, or have it deleted.`
      return sent.json ? deny(409, 'last-owner') : await show(x, current, { errors: { form: words } }, 409)
    }
    return sent.json ? deny(409, 'last-administrator') : await show(x, current, { errors: { form: LAST } }, 409)
  }

  return (x, current) => {
    if (x.path === namePath) return x.method === 'POST' ? rename(x, current) : WRITE_ONLY
    if (x.path === deletePath && grace !== undefined) return x.method === 'POST' ? leave(x, current, grace) : WRITE_ONLY
    if (x.path !== path) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? show(x, current) : READ_ONLY
  }
}
