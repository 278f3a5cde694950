/**
 * One's address of mail, for the person: is it verified, and a letter that verifies it. The letter goes to the stored address.
 * Source: OWASP ASVS 5.0 6.3.7.
 */
import { json, originOf, sentForm } from '../../../console/form.ts'
import { addressPage, type AddressModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import { VerificationDue } from '../../sign-in/slot.ts'
import { READ_ONLY, WRITE_ONLY, type ConsoleDesk, type DeskSetting, type Serve } from './desk.ts'

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
  ],
  start: addressDesk,
}

function addressDesk({ options, accounts, facts }: DeskSetting): Serve {
  const { verifyAddress } = accounts.doors
  const listPath = `${options.path}/address`
  const verifyPath = `${listPath}/verify`

  async function show(x: Exchange, current: CurrentSession, more: Partial<AddressModel> = {}, status = 200): Promise<Reply> {
    const found = await verifyAddress.of(current.principal.id)
    const state = { address: found?.address, verified: found?.verified ?? false }
    const shared = { action: verifyPath, mail: accounts.sendsMail, required: x.get(VerificationDue) === true }
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

  return (x, current) => {
    if (x.path === verifyPath) return x.method === 'POST' ? send(x, current) : WRITE_ONLY
    if (x.path !== listPath) return undefined
    return x.method === 'GET' || x.method === 'HEAD' ? list(x, current) : READ_ONLY
  }
}
