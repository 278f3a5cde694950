/** The test application on Hono 4. */
import type { RequestListener } from 'node:http'
import { Hono, type Context } from 'hono'
import { stream, streamSSE } from 'hono/streaming'
import { hono, requires } from '../../../src/adapters/hono.ts'
import type { Holdfast } from '../../../src/index.ts'
import { giveDownload, takeUpload } from '../files.ts'
import { routes, run, type State } from '../routes.ts'

export function honoApp(holdfast: Holdfast, state: State): RequestListener {
  const app = new Hono()
  for (const route of routes) {
    const handler = async (context: Context) => {
      const {
        status,
        type = 'text/plain',
        body,
        head,
      } = await run(
        route,
        holdfast,
        state,
        context,
        context.req.url.replace(/^https?:\/\/[^/]*/, ''),
        route.readsBody ? undefined : await parsed(context),
      )
      return context.body(body, status as 200, { 'content-type': type, ...head })
    }
    if (route.needs === undefined) app.on(route.method, route.path, handler)
    else app.on(route.method, route.path, requires(route.needs), handler)
  }
  app.get('/stream', (context) =>
    stream(context, async (writer) => {
      for (const part of ['one ', 'two ', 'three']) await writer.write(part)
    }),
  )
  app.get('/sse', (context) =>
    streamSSE(context, async (writer) => {
      await writer.writeSSE({ data: '1' })
      await writer.writeSSE({ data: '2' })
    }),
  )
  app.post('/raw', async (context) => context.text(String((await context.req.arrayBuffer()).byteLength)))
  app.post('/upload', async (context) => {
    const { status, body } = await takeUpload(state.files, context)
    return context.body(body, status as 200, { 'content-type': 'application/json' })
  })
  app.get(
    '/download',
    async (context) => (await giveDownload(state.files, context, context.req.url.split('?')[1] ?? '')) ?? context.notFound(),
  )
  app.get('/assets/*', async (context) => (await state.files.assets(context)) ?? context.notFound())
  return hono(holdfast, app)
}

/** Hono's own reading of the body, as its users would write it. */
async function parsed(context: Context): Promise<unknown> {
  const type = context.req.header('content-type')?.toLowerCase() ?? ''
  if (type.includes('json')) return context.req.json()
  return type === '' ? undefined : context.req.parseBody()
}
