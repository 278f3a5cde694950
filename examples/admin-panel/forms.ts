/** Every form of the application: what may be sent, in one place. Pages show them, routes read them. */
import { area, choice, email, file, form, password, steps, text } from 'holdfast/forms'

export const ROLES = { member: 'Member', admin: 'Administrator' } as const
const STATES = { active: 'Active', disabled: 'Disabled' } as const

export const greeting = form('greeting', {
  name: text({ label: 'What should we call you?', max: 60, required: false, autocomplete: 'given-name' }),
})

export const search = form('search', { search: text({ label: 'Search in titles and texts', max: 120, required: false }) })

export const contact = form('contact', {
  address: email({ label: 'Your address of mail', hint: 'So that somebody can answer.', autocomplete: 'email' }),
  message: area({ label: 'Message', max: 2000, messages: { required: 'Write a message.' } }),
})

const NOTE = {
  title: text({ label: 'Title', max: 120, messages: { required: 'Give the note a title.' } }),
  text: area({ label: 'Text', max: 4000, required: false }),
}
export const note = form('note', NOTE)

const role = choice({ label: 'Role', choices: ROLES })

export const newUser = form(
  'new-user',
  {
    login: text({ label: 'Name to sign in with', max: 254, messages: { required: 'Write a name to sign in with.' } }),
    password: password({ label: 'First password', hint: 'At least 15 characters.', autocomplete: 'new-password' }),
    role,
  },
  { once: true },
)

export const userRole = form('user-role', { role })
export const userStatus = form('user-status', { status: choice({ label: 'State', choices: STATES }) })

export const invitation = form(
  'invitation',
  {
    address: email({ label: 'Address of mail', hint: 'They get a letter with a link that is good for a week.' }),
    invitedRole: role,
  },
  { once: true },
)

/** A note and then its picture, on two pages. The folder is not one that a web server hands out. */
export function illustratedNote(dir: string) {
  const picture = form(
    'picture',
    {
      picture: file({
        ...{ label: 'Picture', hint: 'PNG, JPEG or WebP, up to 2 MiB.' },
        ...{ types: ['image/png', 'image/jpeg', 'image/webp'], maxSize: '2 MiB' },
      }),
      alt: text({ label: 'What is to be seen', max: 200, hint: 'For those who cannot see it.' }),
    },
    { once: true, files: { dir, webRoot: `${import.meta.dirname}/static` } },
  )
  // What travels from page to page is kept small.
  const begin = form('illustrated', { ...NOTE, text: area({ label: 'Text', max: 2000, required: false }) })
  return { dir, steps: steps('illustrated', [begin, picture]), maxBody: picture.maxBody }
}

export type Illustrated = ReturnType<typeof illustratedNote>
