import { defineAttack } from '../support/attack.ts'
import { codeInMail, mailBrowser, withMailbox } from '../support/mail-browser.ts'
import { endlessTries } from '../support/weak-mail.ts'

const options = { signIn: { emailCode: true } } as const
const TRIES = 5

const guess = (code: string, n: number) => String((Number(code) + 1 + n) % 100_000_000).padStart(8, '0')

export default [
  defineAttack({
    id: 'A137a',
    title: 'asks for a code of the victim and guesses on after the fifth wrong one, until it is right (L27)',
    control: 'signIn',
    options,
    without: { database: endlessTries() },
    async succeeds(app) {
      await withMailbox(app)
      const eve = mailBrowser(app)
      await eve.json('/login/code', { login: 'ada' })
      const code = await codeInMail(app)
      for (let n = 0; n < TRIES; n++) await eve.json('/login/code/enter', { code: guess(code, n) })
      await eve.json('/login/code/enter', { code })
      return eve.session() !== undefined
    },
  }),
  defineAttack({
    id: 'A137b',
    title: 'begins many sign-ins, so that each guess counts in all of them, or an old code in a new one (L39)',
    control: 'signIn',
    options,
    without: {
      heldBy: 'design',
      why: 'a code is hashed together with its one challenge, and the next one of its user replaces it',
    },
    async succeeds(app) {
      await withMailbox(app)
      const browsers = Array.from({ length: 10 }, () => mailBrowser(app))
      const codes: string[] = []
      for (const one of browsers) {
        await one.json('/login/code', { login: 'ada' })
        codes.push(await codeInMail(app).catch(() => ''))
      }
      const newest = codes.findLastIndex((code) => code !== '')
      for (const [at, one] of browsers.entries()) {
        for (const [of, code] of codes.entries()) {
          if (code === '' || (at === newest && of === newest)) continue
          await one.json('/login/code/enter', { code })
          app.clock.advance(20_000) // so that the limit of the network is not what holds it
        }
      }
      return browsers.some((one) => one.session() !== undefined)
    },
  }),
]
