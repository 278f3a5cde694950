import { defineAttack } from '../support/attack.ts'
import { formOf } from '../support/files.ts'
import { ORDER, sendJson } from '../support/form-attacks.ts'
import { openPage, postForm } from '../support/form-client.ts'

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  '__proto__[role]',
  'constructor.prototype.role',
  'toString',
  'hasOwnProperty',
]

export default defineAttack({
  id: 'A232',
  title: 'reaches the prototype of objects through names of fields: in a form, in parts, in JSON (CWE-1321)',
  control: 'forms',
  adapters: 'all',
  without: {
    heldBy: 'design',
    why: 'values are looked up by declared names among own members, and no declared name can reach a prototype',
  },
  async succeeds(app) {
    const { cookie } = await openPage(app, '/order')
    const given = Object.entries(ORDER).map(([name, bytes]) => ({ name, bytes }))
    for (const name of NAMES) {
      await postForm(app, '/order', { ...ORDER, [name]: '{"role":"admin"}' }, cookie)
      await app.fetch('/order', { method: 'POST', ...formOf([...given, { name, bytes: 'polluted' }]) })
      await sendJson(app, '/api/order', `{"title":"a","count":1,"size":"small","agreed":true,"${name}":{"role":"admin"}}`)
    }
    const reached = app.state.forms.accepted.length > 0 || 'role' in {} || String({}) !== '[object Object]'
    if ((await postForm(app, '/order', ORDER, cookie)).status !== 200) throw new Error('The form takes nothing at all.')
    return reached
  },
})
