import { readdirSync } from 'node:fs'
import { defineAttack } from '../support/attack.ts'
import { formOf, PNG } from '../support/files.ts'

const NAMES = [
  ...['../../app.css', '..\\..\\app.css', '/etc/cron.d/evil', 'C:\\evil.png', '....//evil.png', '%2e%2e%2fevil.png', '.htaccess'],
  ...[
    'evil.html',
    'evil.php.png',
    'evil.png.php',
    'evil.png%00.html',
    'evil.png\u0000.html',
    'evil.png::$DATA',
    'CON',
    'nul.png',
  ],
  ...['evil.png.', 'evil.png ', 'evil\u202egnp.html', '<script>.png', '__proto__', '.', '..', '~/evil.png', 'a'.repeat(5000)],
]

export default defineAttack({
  id: 'A101',
  title:
    'chooses a name for what is uploaded, so that it lands elsewhere, runs on the server, or ends a header when it is fetched',
  control: 'files',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'the name on disk is random and its ending that of the type; no option takes it from the client',
  },
  async succeeds(app) {
    for (const file of NAMES) {
      const form = formOf([{ name: 'avatar', file, type: 'image/png', bytes: PNG }])
      await app.fetch('/upload', { method: 'POST', ...form })
      const { text, all } = await app.fetch(`/download?file=${encodeURIComponent(file)}`)
      if (text.includes('color') || all('set-cookie').length > 0) return true
    }
    const kept = readdirSync(app.state.files.uploads).filter((name) => name !== '.held')
    if (kept.length < 10) throw new Error('Hardly anything was uploaded.')
    if (kept.some((name) => !/^[\w-]{32}\.png$/.test(name))) return true

    const name = encodeURIComponent('evil.html"\r\nset-cookie: a=b\r\n\r\n<script>')
    const { status, headers, all } = await app.fetch(`/download?file=${kept[0]}&name=${name}`)
    if (status !== 200) throw new Error('What was uploaded was not handed out.')
    return all('set-cookie').length > 0 || !/^attachment; filename="[^"]*"$/.test(String(headers['content-disposition']))
  },
})
