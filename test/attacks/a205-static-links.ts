import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A205',
  title: 'lays a link into a served folder that leads to secrets, and into the folder of uploads',
  control: 'files',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'a file is opened where it really is, and only inside of the folder; no option changes that',
  },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const { root, uploads } = app.state.files
    const get = (path: string) => app.fetch(path, { headers: { cookie } })
    if ((await get('/assets/same.css')).status !== 200) throw new Error('A link that stays inside was not followed.')
    for (const path of ['/assets/link.txt', '/assets/up/secret.txt', '/assets/up/site/.env', '/assets/up/site-secret/a.txt'])
      if ((await get(path)).text.includes('SECRET=')) return true

    // A file that was there a moment ago and is a link now: what is remembered of it must not open the door.
    renameSync(join(root, 'app.css'), join(root, 'old.css'))
    symlinkSync(join(root, '..', 'secret.txt'), join(root, 'app.css'))
    if ((await get('/assets/app.css')).text.includes('SECRET=')) return true

    symlinkSync(join(root, '..', 'secret.txt'), join(uploads, 'stolen.png'))
    return (await get('/download?file=stolen.png')).text.includes('SECRET=')
  },
})
