import { readdirSync } from 'node:fs'
import { defineAttack } from '../support/attack.ts'
import { formOf } from '../support/files.ts'
import { twoFaced, zip } from '../support/zip.ts'

export default defineAttack({
  id: 'A217',
  title:
    'uploads an archive that is harmless to who looks at it, and leads out of the folder of who unpacks it with another program',
  control: 'files',
  without: { heldBy: 'design', why: 'an archive in which two readers could find different entries is always refused' },
  async succeeds(app) {
    const send = async (bytes: Buffer) => {
      const form = formOf([{ name: 'papers', file: 'a.zip', type: 'application/zip', bytes }])
      return (await app.fetch('/upload', { method: 'POST', ...form })).status
    }
    if ((await send(zip([{ name: 'a.txt', data: Buffer.from('a') }]))) !== 200) throw new Error('An honest archive was refused.')
    for (const [, bytes] of twoFaced()) if ((await send(bytes)) !== 415) return true
    return readdirSync(app.state.files.uploads).filter((name) => name !== '.held').length !== 1
  },
})
