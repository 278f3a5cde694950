import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startApp, type Response, type TestApp } from '../../test/support/app.ts'
import { hiddenFields, openPage, postForm } from '../../test/support/form-client.ts'
import { formOf, PNG } from '../../test/support/files.ts'
import { file, form, password, steps, text } from './index.ts'

const WHO = { name: 'Mira', guests: '2' }
const WHEN = { day: '2026-12-24', notes: 'By the window.' }
const VALUES = [
  { name: 'Mira', guests: 2 },
  { day: '2026-12-24', notes: 'By the window.' },
]

/** Sends a page of steps with what it hides. */
async function walk(app: TestApp) {
  const first = await openPage(app, '/booking')
  const send = (
    page: { readonly hidden: Readonly<Record<string, string>> },
    texts: Readonly<Record<string, string>>,
    cookie = first.cookie,
  ) => postForm(app, '/booking', { ...page.hidden, ...texts }, cookie)
  return { first, send, cookie: first.cookie }
}

const hiddenOf = ({ text }: Response) => ({ hidden: hiddenFields(text) })

describe('steps', () => {
  it('give the values of all of them at the end, and once', async () => {
    await using app = await startApp()
    const { first, send } = await walk(app)
    const second = await send(first, WHO)
    assert.equal(second.status, 200)
    assert.match(second.text, /name="day"/)
    const done = await send(hiddenOf(second), WHEN)
    assert.deepEqual(JSON.parse(done.text), VALUES)
    const again = await send(hiddenOf(second), WHEN)
    assert.equal(again.status, 409)
    assert.match(again.text, /<a href="\/done\/steps">/)
    assert.deepEqual(app.state.forms.accepted, [VALUES])
  })

  it('keep what was typed when somebody goes back and forth', async () => {
    await using app = await startApp()
    const { first, send } = await walk(app)
    const second = await send(first, WHO)
    const back = await send(hiddenOf(second), { day: '', notes: 'half a sent', _back: '1' })
    assert.match(back.text, /name="name"[^>]*value="Mira"/)
    const forth = await send(hiddenOf(back), { ...WHO, name: 'Mira R.' })
    assert.match(forth.text, /half a sent<\/textarea>/)
    assert.deepEqual(JSON.parse((await send(hiddenOf(forth), WHEN)).text), [{ name: 'Mira R.', guests: 2 }, VALUES[1]])
  })

  it('stay where something is wrong', async () => {
    await using app = await startApp()
    const { first, send } = await walk(app)
    const wrong = await send(first, { name: '', guests: '2' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /id="name-error"/)
    const second = await send(hiddenOf(wrong), WHO)
    const late = await send(hiddenOf(second), { day: '2026-02-30' })
    assert.equal(late.status, 422)
    assert.match(late.text, /id="day-error"/)
  })

  it('begin again when the seal is missing, made for somebody else, or over, and keep what can be read', async () => {
    await using app = await startApp()
    const { first, send } = await walk(app)
    const second = hiddenOf(await send(first, WHO))
    for (const [sent, cookie] of [
      [{ ...second.hidden, _steps: '' }, first.cookie],
      [{ ...second.hidden, _steps: `${second.hidden['_steps']}x` }, first.cookie],
      [second.hidden, (await openPage(app, '/booking')).cookie],
    ] as const) {
      const refused = await postForm(app, '/booking', { ...sent, ...WHEN }, cookie)
      assert.equal(refused.status, 422)
      assert.match(refused.text, /Begin again[^]*name="name"[^>]*value=""/)
    }
    app.clock.advance(3_600_000)
    const over = await send(second, WHEN)
    assert.match(over.text, /Begin again[^]*name="name"[^>]*value="Mira"/)
    assert.deepEqual(app.state.forms.accepted, [])
    assert.deepEqual(
      [...new Set(app.events.filter(({ type }) => type === 'input_validation_fail').map(({ data }) => data?.['reason']))],
      ['form-steps-forged', 'form-steps-expired'],
    )
  })

  it('take files in the last one', async () => {
    await using app = await startApp()
    const first = await openPage(app, '/album')
    const second = hiddenOf(await postForm(app, '/album', { ...first.hidden, album: 'Birds' }, first.cookie))
    const parts = formOf([
      { name: '_steps', bytes: second.hidden['_steps']! },
      { name: 'title', bytes: 'Heron' },
      { name: 'picture', file: 'h.png', type: 'image/png', bytes: PNG },
    ])
    const send = (cookie: string) =>
      app.fetch('/album', { method: 'POST', body: parts.body, headers: { ...parts.headers, cookie } })
    assert.equal((await send('')).status, 422)
    const [name, picture] = JSON.parse((await send(first.cookie)).text) as [unknown, { picture: { name: string } }]
    assert.deepEqual([name, picture.picture.name], [{ album: 'Birds' }, 'h.png'])
  })

  it('do not start with what cannot be kept in a page', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'holdfast-steps-'))
    t.after(() => rmSync(dir, { recursive: true }))
    const last = form('last', { name: text({ label: 'Name' }) })
    assert.throws(() => steps('one', [last]), { code: 'HF_OPTION_INVALID', message: /two forms or more/ })
    assert.throws(
      () => steps('secret', [form('a', { word: password({ label: 'Word' }) }), last]),
      /steps\.secret\.a\.word.*last step/,
    )
    const picture = file({ label: 'Picture', types: ['image/png'], maxSize: 1000 })
    const files = { dir, webRoot: false } as const
    assert.throws(() => steps('files', [form('b', { picture }, { files }), last]), /last step/)
    assert.throws(
      () => steps('long', [form('c', { word: text({ label: 'Word', max: 13_000 }) }), last]),
      /at most 12000 characters/,
    )
  })
})
