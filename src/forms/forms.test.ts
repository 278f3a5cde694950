import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ADAPTERS, startApp, type Response, type TestApp } from '../../test/support/app.ts'
import { formOf, PNG } from '../../test/support/files.ts'
import { openPage, postForm, type Texts } from '../../test/support/form-client.ts'

const GOOD = { title: 'Herons', count: '2', size: 'large', agreed: 'on' }
const READ = {
  ...{ title: 'Herons', notes: '', mail: '', page: '', secret: '', count: 2, size: 'large', extras: [], agreed: true, tags: [] },
  ...{ back: '', slug: '' },
}

function postJson(app: TestApp, value: unknown): Promise<Response> {
  return app.fetch('/api/order', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
}

const order = (app: TestApp, texts: Texts) => postForm(app, '/order', { ...GOOD, ...texts })
const errorsOf = ({ text }: Response) => [...text.matchAll(/class="error" id="([\w-]+)-error"/g)].map(([, name]) => name)

for (const adapter of ADAPTERS) {
  describe(`a form under ${adapter}`, () => {
    it('gives typed values from a form, from parts, and from JSON', async () => {
      await using app = await startApp({ adapter })
      assert.deepEqual(JSON.parse((await postForm(app, '/order', GOOD)).text), READ)
      const parts = formOf(Object.entries(GOOD).map(([name, bytes]) => ({ name, bytes })))
      assert.deepEqual(JSON.parse((await app.fetch('/order', { method: 'POST', ...parts })).text), READ)
      const sent = { title: 'Herons', count: 2, size: 'large', agreed: true }
      const made = await postJson(app, sent)
      assert.equal(made.status, 201)
      assert.deepEqual(JSON.parse(made.text), READ)
    })

    it('says what is wrong with each field, in the page and as problem details', async () => {
      await using app = await startApp({ adapter })
      const refused = await order(app, { title: '', count: '11', size: 'vast' })
      assert.equal(refused.status, 422)
      assert.deepEqual(errorsOf(refused), ['title', 'count', 'size'])
      assert.match(refused.text, /<li><a href="#title">Give it a title\.<\/a><\/li>/)
      const problem = await postJson(app, { ...GOOD, count: '2', agreed: true })
      assert.equal(problem.status, 422)
      assert.match(problem.headers['content-type']!, /^application\/problem\+json/)
      const { errors, code } = JSON.parse(problem.text) as { errors: unknown; code: string }
      assert.equal(code, 'form-invalid')
      assert.deepEqual(errors, [{ pointer: '#/count', code: 'type', detail: '“How many” is of another kind.' }])
    })

    it('takes a file with its fields, and keeps none when a field is wrong', async () => {
      await using app = await startApp({ adapter })
      const send = (title: string, bytes: Buffer | string) =>
        app.fetch('/picture', {
          method: 'POST',
          ...formOf([
            { name: 'title', bytes: title },
            { name: 'kinds', bytes: 'bee' },
            { name: 'kinds', bytes: 'bird' },
            { name: 'picture', file: 'a.png', type: 'image/png', bytes },
          ]),
        })
      const sent = JSON.parse((await send('Heron', PNG)).text) as { title: string; kinds: string[]; picture: { name: string } }
      assert.deepEqual([sent.title, sent.kinds, sent.picture.name], ['Heron', ['bird', 'bee'], 'a.png'])
      const unnamed = await send('', PNG)
      assert.deepEqual([unnamed.status, errorsOf(unnamed)], [422, ['title']])
      const page = await send('Heron', '<script>')
      assert.deepEqual([page.status, errorsOf(page)], [422, ['picture']])
      assert.match(page.text, /value="Heron"/)
      assert.equal(app.state.forms.accepted.length, 1)
    })

    it('reads a query', async () => {
      await using app = await startApp({ adapter })
      assert.deepEqual(JSON.parse((await app.fetch('/search?words=two%20herons&page=3')).text), { words: 'two herons', page: 3 })
      assert.equal((await app.fetch('/search?page=0x3')).status, 422)
      assert.equal((await app.fetch('/search?page=3&page=4')).status, 422)
      assert.equal((await app.fetch('/search?role=admin')).status, 422)
    })

    it('is good once where it says so', async () => {
      await using app = await startApp({ adapter })
      const { hidden, cookie } = await openPage(app, '/payment')
      const first = await postForm(app, '/payment', { ...hidden, to: 'Mira' }, cookie)
      assert.deepEqual(JSON.parse(first.text), { to: 'Mira', amount: '10' })
      const second = await postForm(app, '/payment', { ...hidden, to: 'Mira' }, cookie)
      assert.equal(second.status, 409)
      assert.equal(app.state.forms.accepted.length, 1)
      assert.deepEqual(
        app.events.filter(({ type }) => type === 'form_sent_again').map(({ data }) => data),
        [{ form: 'payment' }],
      )
    })
  })
}
