import { defineAttack } from '../support/attack.ts'
import { ORDER, triedAtBoth } from '../support/form-attacks.ts'
import { postForm } from '../support/form-client.ts'

const SCRIPTS = [
  '"><script>x()</script>',
  "'><img src=x onerror=x()>",
  '</textarea><script>x()</script>',
  '" autofocus onfocus=x() a="',
]
const MARK = /<script>x|<img src=x|" autofocus onfocus=/

export default defineAttack({
  id: 'A237',
  title: 'types markup into a form that is shown again, and sends names and values that an error would repeat (CWE-79)',
  control: 'forms',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'what was typed is shown by templates that escape for each place, and errors name fields of the form alone',
  },
  async succeeds(app) {
    if (!(await app.fetch('/order')).text.includes('name="title"')) throw new Error('There is no form.')
    for (const typed of SCRIPTS) {
      const shown = (_accepted: unknown, { text }: { readonly text: string }) => MARK.test(text)
      if (await triedAtBoth(app, { texts: { title: typed, count: 'none' } }, shown)) return true
      for (const name of [
        ...Object.keys(ORDER),
        'notes',
        'mail',
        'page',
        'day',
        'way',
        'extras',
        'tags',
        'back',
        'slug',
        typed,
      ]) {
        const { text, status } = await postForm(app, '/order', { ...ORDER, count: 'none', [name]: typed })
        if (status !== 422 || MARK.test(text)) return true
      }
    }
    return /value="[^"]*sesame/.test((await postForm(app, '/order', { ...ORDER, title: '', secret: 'open sesame' })).text)
  },
})
