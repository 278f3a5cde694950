/** A page behind the link of a letter that has one button: GET shows it and does nothing, POST does it, and says so. */
import { json, sentForm } from '../../console/form.ts'
import { confirmLinkPage, saidPage, type ConfirmLinkModel } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, page, type Reply } from '../../engine/reply.ts'
import { model, queryText, type Desk } from './desk.ts'
import type { Page } from './doors/door.ts'

interface LinkPage extends Pick<ConfirmLinkModel, 'title' | 'words' | 'button' | 'style' | 'action'> {
  /** Whether the link is good, without using it up. */
  readonly read: (token: string) => Promise<boolean>
  /** Uses it up; whether it was good. */
  readonly act: (x: Exchange, token: string) => Promise<boolean>
  /** What stands there afterwards. */
  readonly done: { readonly title: string; readonly words: string }
}

const OVER = { title: 'This link is over', words: 'It was used, it is too old, or there is nothing left to do.' }

/** Makes the page. */
export function linkPage(desk: Desk, { read, act, done, ...shown }: LinkPage): Page {
  function expired(x: Exchange): Reply {
    return sentForm(x).json ? deny(410, 'link-expired') : page(saidPage({ ...model(desk, x), ...OVER }), 410)
  }

  return {
    async show(x) {
      const token = queryText(x, 'token')
      return (await read(token)) ? page(confirmLinkPage({ ...model(desk, x), ...shown, token })) : expired(x)
    },
    async act(x) {
      const sent = sentForm(x)
      if (!(await act(x, sent.text('token')))) return expired(x)
      return sent.json ? json({ ok: true }) : page(saidPage({ ...model(desk, x), ...done }))
    },
  }
}
