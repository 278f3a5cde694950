/** A page behind the link of a letter that has one button: GET shows it and does nothing, POST does it, and says so. */
import { json, sentForm } from '../../console/form.ts'
import { confirmLinkPage, messagePage, type ConfirmLinkModel, type MessageModel } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { page, type Reply } from '../../engine/reply.ts'
import { model, queryText, type Desk } from './desk.ts'
import type { Page } from './doors/door.ts'
import { linkIsOver, LONGEST_TOKEN } from './newcomer.ts'

interface LinkPage extends Pick<ConfirmLinkModel, 'title' | 'words' | 'button' | 'style' | 'action'> {
  /** Whether the link is good, without using it up; or the words that stand above the others, when it is. */
  readonly read: (token: string) => Promise<boolean | string | undefined>
  /** Uses it up; whether it was good, or what is answered in place of that. */
  readonly act: (x: Exchange, token: string) => Promise<boolean | Reply>
  /** What stands there afterwards. `way`: where to go from there. @default the sign-in */
  readonly done: Pick<MessageModel, 'title' | 'words' | 'way'>
}

/** Makes the page. */
export function linkPage(desk: Desk, { read, act, done, ...shown }: LinkPage): Page {
  const way = { path: desk.options.path, label: 'Go to the sign-in' }

  return {
    async show(x) {
      const token = queryText(x, 'token')
      const good = await read(token.slice(0, LONGEST_TOKEN))
      if (good === undefined || good === false) return linkIsOver(desk, x, sentForm(x))
      const words = good === true ? shown.words : [good, ...shown.words]
      return page(confirmLinkPage({ ...model(desk, x), ...shown, words, token }))
    },
    async act(x) {
      const sent = sentForm(x)
      const acted = await act(x, sent.text('token').slice(0, LONGEST_TOKEN))
      if (typeof acted === 'object') return acted
      if (!acted) return linkIsOver(desk, x, sent)
      return sent.json ? json({ ok: true }) : page(messagePage({ ...model(desk, x), way, ...done }))
    },
  }
}
