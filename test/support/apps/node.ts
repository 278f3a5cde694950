/** The test application on plain node:http. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { node, notFound, requires, type Handler } from '../../../src/adapters/node.ts'
import type { Holdfast } from '../../../src/index.ts'
import { giveDownload, takeUpload } from '../files.ts'
import { routes, run, type State } from '../routes.ts'

export function nodeApp(holdfast: Holdfast, state: State): RequestListener {
  const table = new Map<string, Handler>([
    ['GET /stream', stream],
    ['GET /sse', sse],
    ['POST /raw', count],
    ['POST /upload', take],
    ['GET /download', give],
  ])
  for (const route of routes) {
    const handler: Handler = async (request, response) => {
      const {
        status,
        type = 'text/plain',
        body,
        head,
      } = await run(route, holdfast, state, request, request.url!, holdfast.of(request).body)
      response.writeHead(status, { 'content-type': type, ...head })
      response.end(body)
    }
    table.set(`${route.method} ${route.path}`, route.needs === undefined ? handler : requires(route.needs, handler))
  }
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await takeUpload(state.files, request)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }

  async function give(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await giveDownload(state.files, response, request.url!.split('?')[1] ?? ''))) notFound(request, response)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await state.files.assets(response))) notFound(request, response)
  }

  return node(holdfast, (request, response) => {
    const path = request.url!.split('?', 1)[0]
    if (path?.startsWith('/assets/')) return serve(request, response)
    const handler = table.get(`${request.method === 'HEAD' ? 'GET' : request.method} ${path}`)
    return handler ? handler(request, response) : notFound(request, response)
  })
}

function stream(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'text/plain')
  for (const part of ['one ', 'two ', 'three']) response.write(part)
  response.end()
}

function sse(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('data: 1\n\n')
  response.end('data: 2\n\n')
}

async function count(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bytes = 0
  for await (const chunk of request) bytes += (chunk as Buffer).length
  response.end(String(bytes))
}
