import { renderLetter } from '../../src/accounts/letters/render.ts'
import { defineAttack } from '../support/attack.ts'

const NAMES = [
  '<a href="https://evil.example">Confirm your account</a>',
  '</p><h1>Your account is locked</h1><p>',
  '"><img src="https://evil.example/seen.png">',
  'Ada\r\n\r\nYour account is locked. Open https://evil.example/unlock\r\n\r\n',
  'Your account is locked, open evil.example/unlock now',
  'javascript://evil.example',
  '\u202Eelpmaxe.live//:sptth',
]

/** What a mail program makes a link of; ours are taken out before. */
const LINK = /(?:https?|javascript):\/\/|\b[a-z0-9-]+\.example\b/i
const OURS = /https:\/\/app\.example(?:\/\S*)?/g

/** The elements of a page, without what stands in them. */
const tagsOf = (page: string): string => [...page.matchAll(/<\/?[a-z][^>]*>/gi)].join('')

export default defineAttack({
  id: 'A133',
  title:
    'invites people under a name that is markup, a link or a paragraph, in a letter that has our name on it (L108, CVE-2022-31127)',
  control: 'mail',
  without: { heldBy: 'design', why: 'the letter is made by a template that escapes, of facts that are one line without links' },
  async succeeds() {
    const setting = { brand: 'Acme', origin: 'https://app.example' }
    const invite = (inviter: string) =>
      renderLetter({ letter: 'invitation', data: { link: 'https://app.example/i?token=t', inviter, days: '7' } }, setting)
    const usual = invite('Ada')
    if (!usual.html.includes('Ada invited you')) throw new Error('The name does not stand in the letter at all.')
    return NAMES.some((name) => {
      const { html, text, subject } = invite(name)
      const linked = [html, text].some((part) => LINK.test(part.replaceAll(OURS, '')))
      const longer = text.split('\n').length !== usual.text.split('\n').length
      return linked || longer || tagsOf(html) !== tagsOf(usual.html) || subject !== usual.subject
    })
  },
})
