import { defineAttack } from '../support/attack.ts'

/** Ways to write "the folder above" that servers, decoders and file systems have been seen to take. */
const PATHS = [
  ...['../secret.txt', '..%2fsecret.txt', '%2e%2e/secret.txt', '%2e%2e%2fsecret.txt', 'js/../../secret.txt', './../secret.txt'],
  ...['..%5csecret.txt', '..\\secret.txt', 'js/..%5c..%5csecret.txt', '..%252fsecret.txt', '%252e%252e%252fsecret.txt'],
  ...['..%c0%afsecret.txt', '%c0%ae%c0%ae/secret.txt', '..%ef%bc%8fsecret.txt', '..%u2215secret.txt', '%uff0e%uff0e/secret.txt'],
  ...['..;/secret.txt', '..%00/secret.txt', '..%0d/secret.txt', '..%09/secret.txt', '.%2e/secret.txt', '..//secret.txt'],
  ...[
    '.../secret.txt',
    '....//secret.txt',
    '/../secret.txt',
    '//../secret.txt',
    '%2fsecret.txt',
    '/etc/passwd',
    '%2fetc%2fpasswd',
  ],
  ...[
    'file:///etc/passwd',
    '.env',
    '%2eenv',
    '.env%00.css',
    'js/../.env',
    './.env',
    '.env.',
    '.env::$DATA',
    'app.css%00/../.env',
  ],
]

export default defineAttack({
  id: 'A66',
  title: 'asks the folder of static files for what lies above it, and for what is hidden in it',
  control: 'files',
  adapters: 'all',
  without: { heldBy: 'design', why: 'no option lets staticFiles out of its folder, or shows files that begin with a dot' },
  async succeeds(app) {
    const { cookie } = await app.signIn('member')
    const honest = await app.fetch('/assets/app.css', { headers: { cookie } })
    if (honest.status !== 200) throw new Error('A file of the folder was not served.')
    for (const path of PATHS) {
      const { status, text } = await app.fetch(`/assets/${path}`, { headers: { cookie } })
      if (status < 400 || /SECRET=|root:/.test(text)) return true
    }
    return false
  },
})
