import { safeRedirect } from '../../src/http/safe-redirect.ts'
import { defineAttack } from '../support/attack.ts'

const LISTED = 'https://shop.example'

/** Addresses that pass a check of the beginning, the end or a part of a name, or that a parser reads differently than a browser. */
const LOOK_ALIKES = [
  ...[
    'https://shop.example.evil.example',
    'https://evil-shop.example',
    'https://shop.example@evil.example',
    'https://shop.example.',
  ],
  ...[
    'https://evil.example/https://shop.example',
    'https://evil.example?https://shop.example',
    'https://evil.example#@shop.example',
  ],
  ...['https://shop.example\\@evil.example', 'https://evil.example\\.shop.example', 'https://evil.example%2f.shop.example'],
  ...['https:shop.example', 'https:/evil.example', 'https:\\\\evil.example', 'HTTPS://evil.example', 'http://shop.example/'],
  ...['https://shop.example:8443/', 'https://shop.example:443@evil.example/', 'https://a@shop.example/', '//shop.example/'],
  ...[
    'https://ѕhop.example/',
    'https://shop。example/',
    'https://shop.example\t.evil.example',
    'https://shop.example\n@evil.example',
  ],
  ...['javascript://shop.example/%0aalert(1)', 'data:text/html,https://shop.example', 'blob:https://shop.example/1'],
  ...['https://shop.example//evil.example', 'https://shop.example/.//evil.example', 'https://shop.example/\r\nset-cookie: a=b'],
]

/** The check that was published as broken again and again. */
const naive = (next: string) => (next.startsWith(LISTED) ? next : '/')

export default defineAttack({
  id: 'A209',
  title: 'leads people away by an address that looks like one of the sites that are listed',
  control: 'files',
  without: { heldBy: 'design', why: 'origins are compared whole, and an address must be in the one spelling of a browser' },
  succeeds() {
    if (!LOOK_ALIKES.some((next) => naive(next) !== '/')) throw new Error('The look-alikes fool nobody.')
    if (safeRedirect(`${LISTED}/cart`, { allow: [LISTED] }) !== `${LISTED}/cart`) throw new Error('A listed site was refused.')
    return Promise.resolve(LOOK_ALIKES.some((next) => safeRedirect(next, { allow: [LISTED] }) !== '/'))
  },
})
