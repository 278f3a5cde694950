/** Examples of what programs do about two-person approval. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { node } from '../../src/adapters/node.ts'
import type { Holdfast } from '../../src/index.ts'
import type { Testing } from '../../src/testing/index.ts'
import type { Example } from './api-examples.ts'

const JSON_ONLY = { accept: 'application/json' }

/** Answers nothing, but for a payout, which needs a second person. */
export function serveEverything(holdfast: Holdfast, answer = ''): RequestListener {
  async function payOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await holdfast.of(request).approved('payout', { to: 'DE89 3704', amount: 500 }, () => response.end('{"paid":true}'))
  }
  return node(holdfast, (request, response) => (request.url === '/payout' ? payOut(request, response) : response.end(answer)))
}

/** Somebody whose payout was refused, with what they ask with. */
export async function refused(app: Testing) {
  const client = await app.signedIn('member')
  const { request } = (await client.post('/payout', { json: {}, headers: JSON_ONLY })).json() as { request: string }
  return { client, request }
}

/** A question that waits, and somebody who may say yes. */
async function waiting(app: Testing) {
  const { client, request } = await refused(app)
  const asked = await client.post('/account/approvals/ask', { json: { request, reason: 'Invoice 7' } })
  const { approval } = asked.json() as { approval: { id: string } }
  return { client, admin: await app.signedIn('admin'), approval: approval.id }
}

export const approvalExamples: Readonly<Record<string, (app: Testing) => Promise<Example>>> = {
  listApprovals: async (app) => ({ client: (await waiting(app)).admin, status: 200 }),
  async askApproval(app) {
    const { client, request } = await refused(app)
    return { client, sent: { request, reason: 'Invoice 7' }, status: 201 }
  },
  async approve(app) {
    const { admin, approval } = await waiting(app)
    return { client: admin, sent: { approval, note: 'I asked' }, status: 200 }
  },
  async decline(app) {
    const { client, approval } = await waiting(app)
    return { client, sent: { approval }, status: 200 }
  },
}
