/**
 * One's address of mail, for the person: is it verified, a letter that verifies it, and another one in its place. Asking for another one
 * needs a proof of the last ten minutes, of who has a second factor by that one; nothing changes before its mail was read.
 * Source: OWASP ASVS 5.0 6.3.7.
 */
import { json, originOf, sentForm } from '../../../console/form.ts'
import { addressPage, type AddressModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { VerificationDue } from '../../sign-in/slot.ts'
import { guardProof, READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

const LONGEST = 256
const ASKED =
  'A letter is on its way to the new address. Open its link in the next hour: until then nothing changes. The address that you have gets a letter, too.'
const SENT = 'A letter is on its way to this address. Open its link in the next 24 hours.'

export const address: ConsoleDesk = {
  name: 'address',
  at: ({ path, address: wanted }) => (wanted ? { path: `${path}/address`, label: 'Address' } : undefined),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/address`,
      id: 'getAddress',
      what: 'The address of who asks, and whether it is verified.',
      as: 'session',
      answers: {
        200: {
          what: 'It; null when there is none.',
          schema: objectOf({ address: { type: ['string', 'null'] }, verified: { type: 'boolean' } }),
        },
      },
    },
    {
      method: 'post',
      path: `${path}/address/verify`,
      id: 'sendVerification',
      what: 'Sends a letter that verifies the address.',
      as: 'session',
      answers: {
        202: { what: 'A letter is on its way.', schema: objectOf({ ok: { const: true } }) },
        409: { what: 'There is no address, or it is verified already.' },
        429: { what: 'Too many letters.' },
      },
    },
    {
      method: 'post',
      path: `${path}/address/change`,
      id: 'askForNewAddress',
      what: 'Sends a letter to another address, whose link makes it the address of who asks. The answer is the same for one that is taken.',
      as: 'session',
      body: objectOf({ address: { type: 'string' } }),
      answers: {
        202: { what: 'A letter is on its way.', schema: objectOf({ ok: { const: true } }) },
        401: { what: 'A recent proof is needed.' },
        403: { what: 'A proof by the second factor is needed.' },
        409: { what: 'No mail is set up.' },
        422: { what: 'It is no address, or the one there is.' },
        429: { what: 'Too many letters.' },
      },
    },
  ],
  start: addressDesk,
}

function addressDesk({ options, accounts, facts }: DeskSetting): Serve {
  const { verifyAddress, changeAddress } = accounts.doors
  const listPath = `${options.path}/address`
  const verifyPath = `${listPath}/verify`
  const changePath = `${listPath}/change`

  async function show(x: Exchange, current: CurrentSession, more: Partial<AddressModel> = {}, status = 200): Promise<Reply> {
    const found = await verifyAddress.of(current.principal.id)
    const state = { address: found?.address, verified: found?.verified ?? false }
    const shared = {
      action: verifyPath,
      changeAction: changePath,
      mail: accounts.sendsMail,
      required: x.get(VerificationDue) === true,
    }
    return page(addressPage({ ...facts(x, current), ...shared, ...state, ...more }), status)
  }

  async function list(x: Exchange, current: CurrentSession): Promise<Reply> {
    if (!sentForm(x).json) return await show(x, current)
    const found = await verifyAddress.of(current.principal.id)
    return json({ address: found?.address ?? null, verified: found?.verified ?? false })
  }

  async function send(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    if (!accounts.sendsMail) return deny(409, 'no-mail')
    const asked = await verifyAddress.ask(current.principal.id, originOf(x))
    if (asked.ok) return sent.json ? json({ ok: true }, 202) : await show(x, current, { notice: SENT }, 202)
    if (asked.reason === 'throttled') return deny(429, 'too-many-attempts', { head: { 'retry-after': String(asked.retryAfter) } })
    return sent.json ? deny(409, `address-${asked.reason}`) : await show(x, current, {}, 409)
  }

  async function change(x: Exchange, current: CurrentSession): Promise<Reply> {
    const sent = sentForm(x)
    if (!accounts.sendsMail) return deny(409, 'no-mail')
    const refused = await guardProof(x, current, { accounts, options, back: listPath })
    if (refused) return refused
    const given = sent.text('address').slice(0, LONGEST)
    const input = { userId: current.principal.id, session: current.session.id, address: given }
    const asked = await changeAddress.ask(input, originOf(x))
    if (asked.ok) return sent.json ? json({ ok: true }, 202) : await show(x, current, { notice: ASKED }, 202)
    if (asked.reason === 'throttled') return deny(429, 'too-many-attempts', { head: { 'retry-after': String(asked.retryAfter) } })
    if (asked.reason === 'denied') return deny(401, 'sign-in-required')
    if (sent.json) return deny(422, `address-${asked.reason}`)
    const words = asked.reason === 'same' ? 'This is your address already.' : 'Write an address of mail: ada@mail.example.'
    return await show(x, current, { errors: { address: words }, given }, 422)
  }

  return (x, current) => {
    if (x.path === changePath) return x.method === 'POST' ? change(x, current) : WRITE_ONLY
    if (x.path === verifyPath) return x.method === 'POST' ? send(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}
