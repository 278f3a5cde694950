/**
 * Shows a form that was refused until a proof, once that is there, with a button that sends it. It goes to its own route, through every control,
 * like any other form; nothing is sent by itself.
 * Source: OWASP Authentication Cheat Sheet, "Require Re-authentication for Sensitive Features"; RFC 9110 §9.2.2 (what is not idempotent is not repeated).
 */
import { sentForm } from '../../../console/form.ts'
import { KeptForms } from '../../../console/kept-forms.ts'
import { messagePage, resumePage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { model, queryText, type Desk } from '../desk.ts'
import { defineDoor } from './door.ts'

export const resume = defineDoor({
  name: 'resume',
  read: () => ({}),
  paths: (_, { resumePath }) => [{ path: resumePath, open: false }],
  start(desk) {
    async function show(x: Exchange): Promise<Reply> {
      const [kept, id] = [desk.setting.use(KeptForms), queryText(x, 'id')]
      const form = await (x.method === 'HEAD' ? kept.look(x, id) : kept.take(x, id))
      if (form === undefined) return isOver(desk, x)
      return page(resumePage({ ...model(desk, x), ...form, cancel: desk.options.afterSignIn }))
    }

    return { pages: { [desk.options.resumePath]: { show } } }
  },
})

/** Used, too old, of another session or user, or never there: it looks the same. */
function isOver(desk: Desk, x: Exchange): Reply {
  if (sentForm(x).json) return deny(410, 'link-over')
  const words =
    'What you sent was kept for ten minutes, for one time, and for the session it came from. Go back to the form, and send it again.'
  const way = { path: desk.options.afterSignIn, label: 'Go on' }
  return page(messagePage({ ...model(desk, x), title: 'This is over', words: [words], way }), 410)
}
