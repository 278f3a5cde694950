/** Holdfast on plain node:http: everything asks for a sign-in but the home page. */
import { createHoldfast } from 'holdfast'
import { html } from 'holdfast/html'
import { node, notFound, requires, type Handler } from 'holdfast/node'
import { createServer, drain } from 'holdfast/server'

const port = Number(process.env['PORT'] ?? 3000)
const holdfast = await createHoldfast({
  origin: `http://localhost:${port}`,
  data: process.env['HOLDFAST_DATA'] ?? '.holdfast',
  public: ['/'],
})

const routes: Record<string, Handler> = {
  'GET /': (_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end('Hello. <a href="/account">Your account</a>')
  },
  'GET /account': (request, response) => {
    const { principal, formField } = holdfast.of(request)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      html`<p>Hello, ${principal!.name}.</p>
        <form method="post" action="/shout">
          ${formField}<input name="text" aria-label="Text" /><button>Shout</button>
        </form>`.toString(),
    )
  },
  'POST /shout': (request, response) => {
    const { text } = holdfast.of(request).body as { text?: string }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ shouted: String(text ?? '').toUpperCase() }))
  },
  'GET /admin': requires({ role: 'admin' }, (_request, response) => response.end('For administrators.')),
}

const server = createServer(
  holdfast,
  node(holdfast, (request, response) =>
    (routes[`${request.method} ${holdfast.of(request).path}`] ?? notFound)(request, response),
  ),
)
server.listen(port, 'localhost', async () => {
  const code = await holdfast.accounts.setUp.code()
  console.error(`${holdfast.site.origin}${code === undefined ? '' : `/setup  one-time code: ${code}`}`)
})
const stop = () => void drain(server).then(() => holdfast.stop())
process.once('SIGTERM', stop).once('SIGINT', stop)
