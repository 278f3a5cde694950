/** A page behind the link of a letter that has one button: GET shows it and does nothing, POST does it, and says so. */
import { json, sentForm } from '../../console/form.ts'
import { confirmLinkPage, messagePage, type ConfirmLinkModel } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { page } from '../../engine/reply.ts'
import { model, queryText, type Desk } from './desk.ts'
import type { Page } from './doors/door.ts'
import { linkIsOver } from './newcomer.ts'

interface LinkPage extends Pick<ConfirmLinkModel, 'title' | 'words' | 'button' | 'style' | 'action'> {
  /** Whether the link is good, without using it up. */
  readonly read: (token: string) => Promise<boolean>
  /** Uses it up; whether it was good. */
  readonly act: (x: Exchange, token: string) => Promise<boolean>
  /** What stands there afterwards. */
  readonly done: Pick<ConfirmLinkModel, 'title' | 'words'>
}

/** Makes the page. */
export function linkPage(desk: Desk, { read, act, done, ...shown }: LinkPage): Page {
  const way = { path: desk.options.path, label: 'Go to the sign-in' }

  return {
    async show(x) {
      const token = queryText(x, 'token')
      return (await read(token))
        ? page(confirmLinkPage({ ...model(desk, x), ...shown, token }))
        : linkIsOver(desk, x, sentForm(x))
    },
    async act(x) {
      const sent = sentForm(x)
      if (!(await act(x, sent.text('token')))) return linkIsOver(desk, x, sent)
      return sent.json ? json({ ok: true }) : page(messagePage({ ...model(desk, x), ...done, way }))
    },
  }
}
