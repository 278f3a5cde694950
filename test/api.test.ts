/** The description of the JSON API is tried: each operation is sent for real, and what comes back is what the description says. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { startTesting, type Answer, type Testing } from '../src/testing/index.ts'
import { serveEverything } from './support/approval-api-examples.ts'
import { examples, EVERYTHING } from './support/api-examples.ts'

interface Described {
  readonly operationId: string
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>
}

const started: Testing = await startTesting(serveEverything, EVERYTHING)
const document = JSON.parse(JSON.stringify(started.holdfast.describeApi())) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: object
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), ...described })),
)
const ajv = new Ajv2020({ strict: false })
ajv.addSchema(document, 'api')

after(() => started[Symbol.asyncDispose]())

/** Whether the body is what the schema says; nothing where it is. */
function complaint(schema: object, body: unknown): string | undefined {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"api#/components')
  const validate = ajv.compile(JSON.parse(text) as object)
  return validate(body) ? undefined : `${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`
}

describe('the description of the JSON API', () => {
  let served: Answer
  before(async () => {
    const somebody = await started.signedIn('member')
    served = await somebody.get('/account/openapi.json')
  })

  it('is OpenAPI 3.1 to a validator that is not ours', async () => {
    const { valid, errors } = await new Validator().validate(JSON.stringify(document, null, 1))
    assert.deepEqual([valid, errors], [true, undefined])
  })

  it('is served to those who are signed in, and to nobody else', async () => {
    assert.deepEqual([served.status, served.json()], [200, document])
    assert.notEqual((await started.visitor().get('/account/openapi.json')).status, 200)
  })

  it('has an example of each operation in this test, and no example of anything else', () => {
    assert.deepEqual(Object.keys(examples).toSorted(), operations.map(({ operationId }) => operationId).toSorted())
  })

  for (const { path, method, operationId, requestBody, responses } of operations) {
    it(`says of ${method} ${path} (${operationId}) what it takes and what it answers`, async (context) => {
      const example = examples[operationId]
      if (example === undefined) return context.diagnostic('It has no example; another test says so.')
      await using app = await startTesting(serveEverything, EVERYTHING)
      const { client, sent, status, at = path } = await example(app)
      if (sent !== undefined) assert.equal(complaint(requestBody!.content['application/json'].schema, sent), undefined)
      const answer = await client.send(method, at, {
        ...(sent !== undefined && { json: sent }),
        headers: { accept: 'application/json' },
      })
      assert.equal(answer.status, status, answer.text)
      const said = responses[status]?.content?.['application/json']
      assert.ok(said, `the description has no schema for ${status}`)
      assert.equal(complaint(said.schema, answer.json()), undefined)

      const refused = await app.visitor().send(method, at, {
        json: { odd: 1 },
        headers: { accept: 'application/json', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      })
      if (refused.status < 400) return
      assert.ok(responses[refused.status], `${refused.status} is not described`)
      const problem = responses[refused.status]!.content?.['application/problem+json']
      assert.equal(problem && complaint(problem.schema, refused.json()), undefined)
    })
  }
})
