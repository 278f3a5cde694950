/** The test application on Express 5. */
import type { RequestListener } from 'node:http'
import expressApp, { type Request, type Response } from 'express'
import { express, requires } from '../../../src/adapters/express.ts'
import type { Holdfast } from '../../../src/index.ts'
import { giveDownload, takeUpload } from '../files.ts'
import { routes, run, type State } from '../routes.ts'

export function expressTestApp(holdfast: Holdfast, state: State): RequestListener {
  const app = expressApp()
  for (const route of routes) {
    const handler = async (request: Request, response: Response) => {
      const {
        status,
        type = 'text/plain',
        body,
        head,
      } = await run(route, holdfast, state, request, request.originalUrl, request.body)
      response
        .status(status)
        .set({ 'content-type': type, ...head })
        .send(body)
    }
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete'
    if (route.needs === undefined) app[method](route.path, handler)
    else app[method](route.path, requires(route.needs), handler)
  }
  app.get('/stream', (_request, response) => {
    response.type('text')
    for (const part of ['one ', 'two ', 'three']) response.write(part)
    response.end()
  })
  app.get('/sse', (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
    response.end('data: 2\n\n')
  })
  app.post('/raw', async (request, response) => {
    let bytes = 0
    for await (const chunk of request) bytes += (chunk as Buffer).length
    response.send(String(bytes))
  })
  app.post('/upload', async (request, response) => {
    const { status, body } = await takeUpload(state.files, request)
    response.status(status).type('json').send(body)
  })
  app.get('/download', async (request, response, next) => {
    if (!(await giveDownload(state.files, response, request.originalUrl.split('?')[1] ?? ''))) next()
  })
  app.use('/assets', async (_request, response, next) => {
    if (!(await state.files.assets(response))) next()
  })
  return express(holdfast, app)
}
