import { mkdirSync } from 'node:fs'
import { upload } from '../../src/files/index.ts'
import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A67',
  title: 'uses that one folder or path begins like another, and is not inside of it',
  control: 'files',
  adapters: 'all',
  without: { heldBy: 'design', why: 'folders and paths are compared segment by segment; no option changes that' },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const { root } = app.state.files
    const paths = ['/assets-secret/a.txt', '/assetsapp.css', '/assets/../site-secret/a.txt', '/assets/..%2fsite-secret%2fa.txt']
    for (const path of paths) {
      const { text } = await app.fetch(path, { headers: { cookie } })
      if (/SECRET=|color/.test(text)) return true
    }
    // And the other way round: a folder inside of the web root must not pass as one beside it.
    mkdirSync(`${root}/up-loads`)
    const files = { avatar: { types: ['image/png'], maxSize: 1 } } as const
    try {
      upload({ dir: `${root}/up-loads`, webRoot: root, files })
      return true
    } catch {
      upload({ dir: `${root}-loads`, webRoot: root, files })
      return false
    }
  },
})
