/** Holdfast on Hono 4: everything asks for a sign-in but the home page. */
import { Hono } from 'hono'
import { createHoldfast } from 'holdfast'
import { hono, requires } from 'holdfast/hono'
import { html } from 'holdfast/html'
import { createServer, drain } from 'holdfast/server'

const port = Number(process.env['PORT'] ?? 3000)
const holdfast = await createHoldfast({
  origin: `http://localhost:${port}`,
  data: process.env['HOLDFAST_DATA'] ?? '.holdfast',
  public: ['/'],
})

const app = new Hono()
app.get('/', (c) => c.html('Hello. <a href="/account">Your account</a>'))
app.get('/account', (c) => {
  const { principal, formField } = holdfast.of(c)
  return c.html(
    html`<p>Hello, ${principal!.name}.</p>
      <form method="post" action="/shout">
        ${formField}<input name="text" aria-label="Text" /><button>Shout</button>
      </form>`.toString(),
  )
})
app.post('/shout', async (c) => {
  const { text } = await c.req.parseBody()
  return c.json({ shouted: String(text ?? '').toUpperCase() })
})
app.get('/admin', requires({ role: 'admin' }), (c) => c.text('For administrators.'))

const server = createServer(holdfast, hono(holdfast, app))
server.listen(port, 'localhost', async () => {
  const code = await holdfast.accounts.setUp.code()
  console.error(`${holdfast.site.origin}${code === undefined ? '' : `/setup  one-time code: ${code}`}`)
})
const stop = () => void drain(server).then(() => holdfast.stop())
process.once('SIGTERM', stop).once('SIGINT', stop)
