import { defineAttack } from '../support/attack.ts'
import { formOf } from '../support/files.ts'

const PAGE = `<html><script>fetch('/me')</script></html>${' '.repeat(80)}`
/** A GIF by its first bytes, and a script for whoever runs it as one. */
const POLYGLOT = `GIF89a=1;/*${' '.repeat(80)}*/fetch('/me')//<script>fetch('/me')</script>`

export default defineAttack({
  id: 'A206',
  title: 'uploads a page or a script under the type of a picture, and has somebody open it on our origin',
  control: 'files',
  adapters: 'all',
  without: { heldBy: 'design', why: 'the first bytes are always compared, and a download is always an attachment in a sandbox' },
  async succeeds(app) {
    const send = (type: string, bytes: string) =>
      app.fetch('/upload', { method: 'POST', ...formOf([{ name: 'avatar', file: 'a.html', type, bytes }]) })
    for (const type of ['image/png', 'image/gif', 'text/html', 'image/svg+xml', 'image/png; charset=x', 'IMAGE/PNG', '*/*', ''])
      if ((await send(type, PAGE)).status === 200) return true

    const sent = await send('image/gif', POLYGLOT)
    if (sent.status !== 200) throw new Error('The polyglot was not taken: its first bytes are those of a GIF.')
    const { files } = JSON.parse(sent.text) as { files: { avatar: { file: string }[] } }
    const { status, headers } = await app.fetch(`/download?file=${files.avatar[0]!.file}&name=a.html`)
    if (status !== 200) throw new Error('What was uploaded was not handed out.')
    const sandboxed = /(?:^|;)\s*sandbox\s*;/.test(String(headers['content-security-policy']))
    const saved = /^attachment;/.test(String(headers['content-disposition']))
    const unsniffed = headers['x-content-type-options'] === 'nosniff' && headers['content-type'] === 'application/octet-stream'
    return !sandboxed || !saved || !unsniffed || headers['cache-control'] !== 'no-store'
  },
})
