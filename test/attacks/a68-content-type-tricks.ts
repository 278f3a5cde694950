import { defineAttack } from '../support/attack.ts'

const SPELLINGS = [
  'application/json\t',
  'application/json\t; charset=utf-8',
  'application/json;',
  'application/json, text/plain',
  'application/json; charset=utf-8; charset=utf-7',
  'text/plain; application/json',
  'application/ json',
  ';application/json',
]

export default defineAttack({
  id: 'A68',
  title: 'spells Content-Type so that who validates the body and who parses it read different types',
  control: 'body',
  adapters: 'all',
  async succeeds(app) {
    for (const type of SPELLINGS) {
      await app.fetch('/echo', { method: 'POST', headers: { 'content-type': type }, body: '{"role":"admin"}' })
    }
    // Trailing white space is no part of a field's value (RFC 9110 §5.5): the first is plain application/json.
    return (app.state.hits['POST /echo'] ?? 0) > 1
  },
})
