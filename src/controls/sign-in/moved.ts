/** What a page answers when an address could not be given: it is another account's by now, or too much is being hashed. */
import type { AddressMoved } from '../../accounts/types.ts'
import { sentForm } from '../../console/form.ts'
import { messagePage } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, page, type Reply } from '../../engine/reply.ts'
import { model, type Desk } from './desk.ts'

/** Whether the link was good, where that is all there is to say. */
export function movedOr(desk: Desk, x: Exchange, moved: AddressMoved): boolean | Reply {
  if (moved.ok) return true
  if (moved.reason === 'void') return false
  if (moved.reason === 'busy') return deny(503, 'busy', { head: { 'retry-after': String(moved.retryAfter) } })
  if (sentForm(x).json) return deny(409, 'address-taken')
  const words = ['Another account has this address, or signs in with it. Nothing was changed.']
  const way = { path: desk.options.path, label: 'Go to the sign-in' }
  return page(messagePage({ ...model(desk, x), title: 'This address is taken', words, way }), 409)
}
