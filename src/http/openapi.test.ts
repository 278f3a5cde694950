import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describeApi, objectOf, type Operation } from './openapi.ts'

const operation: Operation = {
  method: 'post',
  path: '/notes/{id}',
  id: 'changeNote',
  what: 'Changes a note.',
  as: 'session',
  parameters: { id: { in: 'path', what: 'Which one.' }, dry: { in: 'query', what: 'Only look.' } },
  body: objectOf({ text: { type: 'string' }, tag: { type: 'string' } }, ['tag']),
  answers: { 200: { what: 'Changed.', schema: objectOf({ ok: { const: true } }) }, 404: { what: 'There is none.' } },
}
const api = { title: 'Test', version: '1', origin: 'https://app.example', cookie: '__Host-hf_sid' }

describe('the description of an API', () => {
  it('is OpenAPI 3.1 to a validator that is not ours, which also finds what is wrong', async () => {
    const document = describeApi({
      ...api,
      operations: [operation, { ...operation, method: 'get', id: 'readNote', as: 'anybody' }],
    })
    const good = await new Validator().validate(JSON.stringify(document, null, 1))
    assert.deepEqual([good.valid, good.errors], [true, undefined])
    const bad = await new Validator().validate(JSON.stringify({ ...document, paths: { x: 1 } }, null, 1))
    assert.equal(bad.valid, false)
  })

  it('says of every operation who may, what is needed and how it is refused', () => {
    const { paths } = describeApi({ ...api, operations: [operation] }) as any
    const described = paths['/notes/{id}'].post
    assert.deepEqual(described.security, [{ session: [] }])
    assert.deepEqual(Object.keys(described.responses), ['200', '400', '401', '403', '404', '413', '415', '429', '500'])
    assert.equal(described.responses[404].content['application/problem+json'].schema.$ref, '#/components/schemas/Problem')
    assert.deepEqual(
      described.parameters.map((one: any) => [one.name, one.required]),
      [
        ['id', true],
        ['dry', false],
      ],
    )
    assert.deepEqual(described.requestBody.content['application/json'].schema.required, ['text'])
  })

  it('refuses an id or an address that stands twice', () => {
    assert.throws(
      () => describeApi({ ...api, operations: [operation, operation] }),
      /changeNote \(post \/notes\/\{id\}\) stands twice/,
    )
    assert.throws(() => describeApi({ ...api, operations: [operation, { ...operation, path: '/x' }] }), /stands twice/)
  })
})
